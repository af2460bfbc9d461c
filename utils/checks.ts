/** Quick checks while typing; the server's schemas decide. */
export const isEmail = (text: string) => /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text)
export const isAmount = (text: string) => /^-?\d{1,15}(\.\d{1,6})?$/.test(text)
export const isCurrency = (text: string) => /^[A-Z]{3}$/.test(text)
