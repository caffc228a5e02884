/**
 * Turns JSON of unknown origin into typed values, or says where it is wrong. Small enough to read,
 * strict enough that no view ever meets a value that it does not expect.
 */

/** What was wrong, and where: `screen.cards[2].price: not an integer`. Never carries the value. */
export class Bad {
    constructor(
        readonly at: string,
        readonly why: string,
    ) {}
    toString(): string {
        return `${this.at}: ${this.why}`;
    }
}

export type Parser<T> = (value: unknown, at: string) => T | Bad;
export type Parsed<P> = P extends Parser<infer T> ? T : never;

/** No document of ours comes near this; a longer one is refused before it is parsed. */
const kDocumentMax = 1_000_000;

/** Reads a whole document. */
export function read<T>(text: unknown, parser: Parser<T>, name: string): T | Bad {
    if (typeof text !== "string") return new Bad(name, "not a text");
    if (text.length > kDocumentMax) return new Bad(name, "too long");
    let value: unknown;
    try {
        value = JSON.parse(text);
    } catch {
        return new Bad(name, "not JSON");
    }
    return parser(value, name);
}

export const bool: Parser<boolean> = (value, at) =>
    typeof value === "boolean" ? value : new Bad(at, "not true or false");

export const integer =
    (min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER): Parser<number> =>
    (value, at) => {
        if (typeof value !== "number" || !Number.isSafeInteger(value))
            return new Bad(at, "not an integer");
        return value >= min && value <= max ? value : new Bad(at, `not in ${min}…${max}`);
    };

/** A finite number. */
export const number: Parser<number> = (value, at) =>
    typeof value === "number" && Number.isFinite(value) ? value : new Bad(at, "not a number");

export const text =
    (max = 2000): Parser<string> =>
    (value, at) => {
        if (typeof value !== "string") return new Bad(at, "not a text");
        return value.length <= max ? value : new Bad(at, "too long");
    };

export const matching =
    (pattern: RegExp, what: string): Parser<string> =>
    (value, at) =>
        typeof value === "string" && value.length <= 2000 && pattern.test(value)
            ? value
            : new Bad(at, `not ${what}`);

export const oneOf =
    <const T extends readonly string[]>(...names: T): Parser<T[number]> =>
    (value, at) =>
        typeof value === "string" && names.includes(value)
            ? (value as T[number])
            : new Bad(at, `not one of ${names.join(", ")}`);

/** Absent reads as null. */
export const nullable =
    <T>(parser: Parser<T>): Parser<T | null> =>
    (value, at) =>
        value === null || value === undefined ? null : parser(value, at);

/** A field that an older server may not send. */
export const otherwise =
    <T>(parser: Parser<T>, fallback: T): Parser<T> =>
    (value, at) =>
        value === null || value === undefined ? fallback : parser(value, at);

export const list =
    <T>(parser: Parser<T>, max: number): Parser<T[]> =>
    (value, at) => {
        if (!Array.isArray(value)) return new Bad(at, "not a list");
        if (value.length > max) return new Bad(at, `more than ${max}`);
        const out: T[] = [];
        for (const [index, item] of value.entries()) {
            const parsed = parser(item, `${at}[${index}]`);
            if (parsed instanceof Bad) return parsed;
            out.push(parsed);
        }
        return out;
    };

/** Reads the named fields and drops all others, so that nothing unread reaches a view. */
export const record =
    <T extends object>(shape: { [K in keyof T]: Parser<T[K]> }): Parser<T> =>
    (value, at) => {
        if (typeof value !== "object" || value === null || Array.isArray(value))
            return new Bad(at, "not an object");
        const source = value as Record<string, unknown>;
        const out: Partial<T> = {};
        for (const key of Object.keys(shape) as (keyof T & string)[]) {
            const field = Object.hasOwn(source, key) ? source[key] : undefined;
            const parsed = shape[key](field, `${at}.${key}`);
            if (parsed instanceof Bad) return parsed;
            out[key] = parsed;
        }
        return out as T;
    };

/** A mapping from text to values; entries come out in the order of their keys. */
export const mapping =
    <T>(parser: Parser<T>, max: number): Parser<[string, T][]> =>
    (value, at) => {
        if (typeof value !== "object" || value === null || Array.isArray(value))
            return new Bad(at, "not an object");
        const entries = Object.entries(value);
        if (entries.length > max) return new Bad(at, `more than ${max}`);
        const out: [string, T][] = [];
        for (const [key, item] of entries) {
            const parsed = parser(item, `${at}.${key.slice(0, 64)}`);
            if (parsed instanceof Bad) return parsed;
            out.push([key.slice(0, 64), parsed]);
        }
        return out.sort(([a], [b]) => (a < b ? -1 : 1));
    };
