// Takes a check-in back: from what waits on this device or, with the network, at the server.

export const makeUndo = ({ queue, line, people, screen, fail, show }) => (scan) => async (button) => {
  button.disabled = true;
  try {
    if (!(await queue.withdraw(scan))) await line.undo(scan.number);
    people.unmark(scan.id, scan.session, scan.at);
    screen.answer("undone", { who: scan.who });
    screen.note("undone", { at: Date.now(), who: scan.who, said: "taken back" });
    button.remove();
  } catch (error) {
    fail(error);
    button.disabled = false;
    button.title = "Without the network this can't be taken back yet.";
  }
  show();
};
