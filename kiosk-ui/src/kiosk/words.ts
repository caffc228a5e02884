import type { Language } from "../shared/contract";
import { kiosk as en } from "../text/en";
import { kiosk as fr } from "../text/fr";

export const kiosk_text = (language: Language) => (language === "fr" ? fr : en);
