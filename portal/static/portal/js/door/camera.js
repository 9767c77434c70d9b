// Reads codes from the camera: by the browser's own detector, else by the decoder that comes with us.

const PAUSE = 150; // ms between two looks
const SAME = 3000; // ms for which the same code isn't read again

const detector = async () => {
  const formats = ["qr_code"];
  const own = (await globalThis.BarcodeDetector?.getSupportedFormats?.().catch(() => [])) ?? [];
  if (own.includes("qr_code")) return new BarcodeDetector({ formats });
  const { BarcodeDetector: Decoder } = await import("../../vendor/qr/decode.js");
  return new Decoder({ formats });
};

/** Shows the camera in `video` and calls `onCode` with each code; gives a function that ends it. */
export const watch = async (video, onCode) => {
  const wanted = { facingMode: "environment", width: { ideal: 1280 } };
  const stream = await navigator.mediaDevices.getUserMedia({ video: wanted });
  const reader = await detector();
  video.srcObject = stream;
  await video.play();
  let isOn = true;
  let last = { code: "", at: 0 };

  const look = async () => {
    if (!isOn) return;
    const [found] = await reader.detect(video).catch(() => []);
    const now = Date.now();
    if (found && (found.rawValue !== last.code || now - last.at > SAME)) onCode(found.rawValue);
    if (found) last = { code: found.rawValue, at: now };
    setTimeout(look, PAUSE);
  };
  look();

  return () => {
    isOn = false;
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  };
};
