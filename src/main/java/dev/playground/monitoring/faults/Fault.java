package dev.playground.monitoring.faults;

import java.util.Locale;

/** The faults, by the label of their metrics. */
enum Fault {
    ERROR_RATE,
    LATENCY,
    CAUSES,
    CPU,
    MEMORY,
    UNREADY;

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
