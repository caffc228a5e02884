import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

export interface ButtonProps {
    action: string;
    kind?: "primary" | "primary forward" | "quiet";
    label: string;
    icon?: ComponentChildren;
    offer?: number;
    disabled?: boolean;
    on(): void;
}

export function Button({ action, kind = "quiet", label, icon, offer, disabled, on }: ButtonProps) {
    return (
        <button
            type="button"
            class={`button ${kind}`}
            data-action={action}
            data-offer={offer}
            disabled={disabled ?? false}
            onClick={on}
        >
            {icon}
            <span>{label}</span>
        </button>
    );
}

/** A heading that takes the focus when its view opens, so that it is read and Tab goes on from it. */
export function Heading({
    children,
    focus = false,
}: {
    children: ComponentChildren;
    focus?: boolean;
}) {
    const self = useRef<HTMLHeadingElement>(null);
    useEffect(() => {
        if (focus) self.current?.focus({ preventScroll: true });
    }, [focus]);
    return (
        <h1 ref={self} tabIndex={-1}>
            {children}
        </h1>
    );
}
