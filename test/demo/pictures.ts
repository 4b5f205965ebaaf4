import sharp from 'sharp'

const frame = (drawing: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="960" height="720" viewBox="0 0 96 72">${drawing}</svg>`

const drawings = {
  parcel: frame(`<rect width="96" height="72" fill="#e9dfd2"/><rect x="22" y="20" width="52" height="38" rx="2"
    fill="#c08a4f"/><rect x="44" y="20" width="8" height="38" fill="#a9743c"/><rect x="57" y="40" width="13" height="12"
    fill="#fff"/><path d="M60 43h7M60 46h7M60 49h4" stroke="#555"/>`),
  tea: frame(`<rect width="96" height="72" fill="#dcebe4"/><path d="M28 30h34v12a14 14 0 0 1-14 14h-6a14 14 0 0 1-14-14z"
    fill="#fff"/><path d="M62 33h6a5 5 0 0 1 0 12h-6" fill="none" stroke="#fff" stroke-width="3"/><ellipse cx="45" cy="31"
    rx="15" ry="3" fill="#c97b2d"/><path d="M38 24q3-4 0-8M46 24q3-4 0-8M54 24q3-4 0-8" fill="none" stroke="#8fb3a4"
    stroke-width="2"/>`),
}

export type PictureName = keyof typeof drawings

/** A small drawing, as a customer's phone would send a photo. */
export const demoPicture = (name: PictureName): Promise<Buffer> =>
  sharp(Buffer.from(drawings[name])).jpeg({ quality: 85 }).toBuffer()
