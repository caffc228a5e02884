// A phone's camera: reads a QR code from a picture of the screen.

import jsqr from "jsqr";

const read = jsqr.default ?? jsqr;

/** Nothing where there is no code in the picture. The browser decodes the PNG. */
export async function readQr(stage, png) {
  stage.darkroom ??= stage.page();
  const page = await stage.darkroom;
  const { data, width, height } = await page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const picture = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const canvas = new OffscreenCanvas(picture.width, picture.height);
    const context = canvas.getContext("2d");
    context.drawImage(picture, 0, 0);
    const pixels = context.getImageData(0, 0, picture.width, picture.height).data;
    let text = "";
    for (let at = 0; at < pixels.length; at += 8192) text += String.fromCharCode(...pixels.subarray(at, at + 8192));
    return { data: btoa(text), width: picture.width, height: picture.height };
  }, png.toString("base64"));
  return read(new Uint8ClampedArray(Buffer.from(data, "base64")), width, height)?.data;
}
