import type { Language } from "../shared/contract";
import { words as en } from "../text/en/kiosk";
import { words as fr } from "../text/fr/kiosk";

export const kiosk_text = (language: Language) => (language === "fr" ? fr : en);
