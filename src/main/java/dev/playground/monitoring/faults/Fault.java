package dev.playground.monitoring.faults;

import java.util.Locale;

/** The faults, by the label of their metrics. */
public enum Fault {
    ERROR_RATE,
    LATENCY,
    CAUSES,
    CPU,
    MEMORY,
    UNREADY;

    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
