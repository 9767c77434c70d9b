"""The figures to reach, each printed when it is known."""


class Figures:
    def __init__(self) -> None:
        self.are_reached = True

    def at_least(self, least: float, found: float, name: str, said: str = "") -> None:
        self.show(found >= least, f"{found:.2f} {name}, at least {least}", said)

    def at_most(self, most: float, found: float, name: str, said: str = "") -> None:
        self.show(found <= most, f"{found:.2f} {name}, at most {most}", said)

    def missing(self, name: str, why: str) -> None:
        self.show(False, name, why)

    def show(self, is_reached: bool, line: str, said: str) -> None:
        self.are_reached &= is_reached
        print("reached" if is_reached else "MISSED ", line + (f"  ({said})" if said else ""), flush=True)
