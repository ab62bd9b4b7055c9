package dev.playground.monitoring.faults;

import dev.playground.monitoring.dashboards.Dashboard;
import dev.playground.monitoring.dashboards.Dashboard.Panel;

/**
 * Where each fault shows: the rows of the table in docs/faults.md, verified by {@link FaultsIT}.
 */
enum FaultCase {
    ERROR_RATE("{\"errorRate\": 0.9}", "Fault started: error_rate=0.9", 10, 0.25, "ErrorRatioHigh"),
    LATENCY(
            "{\"latency\": {\"fixed\": \"4s\"}}",
            "Fault started: latency={\"fixed\":\"4s\"}",
            11,
            3_000,
            "LatencyHigh"),
    CAUSES(
            "{\"causes\": [\"Out of coffee\"]}",
            "Heavy computation failed: Out of coffee",
            19,
            0,
            null),
    CPU("{\"cpu\": 0.5}", "Fault started: cpu=0.5", 16, 0.15, null),
    MEMORY("{\"memory\": 25}", "Fault started: memory=25MB", 17, 30 << 20, null),
    UNREADY("{\"unready\": true}", "Fault started: unready=true", 24, 0, null);

    /** Where a fault shows, with the maximum time until it does. */
    enum Sign {
        METRIC(15),
        LINE(15),
        PANEL(60),
        ALERT(150);

        final int seconds;

        Sign(int seconds) {
            this.seconds = seconds;
        }
    }

    final String document;
    final String line;
    final double threshold;
    final String alert;
    private final int panel;

    /**
     * @param line the start of a log line
     * @param panel its id in the service dashboard
     * @param threshold the value of the panel is above it only with the fault
     * @param alert null if no rule covers the fault
     */
    FaultCase(String document, String line, int panel, double threshold, String alert) {
        this.document = document;
        this.line = line;
        this.panel = panel;
        this.threshold = threshold;
        this.alert = alert;
    }

    String label() {
        return Fault.valueOf(name()).label();
    }

    Panel dashboardPanel() {
        return Dashboard.panel("service", panel);
    }

    boolean has(Sign sign) {
        return switch (sign) {
            case METRIC, LINE, PANEL -> true;
            case ALERT -> alert != null;
        };
    }

    /** As in docs/faults.md. */
    String row() {
        StringBuilder row = new StringBuilder("| `" + document + "` |");
        for (Sign sign : Sign.values()) {
            row.append(has(sign) ? " %s, %d s |".formatted(text(sign), sign.seconds) : " none |");
        }
        return row.append('\n').toString();
    }

    private String text(Sign sign) {
        return switch (sign) {
            case METRIC -> "`fault_active{fault=\"" + label() + "\"}`";
            case LINE -> "`" + line + "`";
            case PANEL -> "*" + dashboardPanel().title() + "*";
            case ALERT -> "[%s](runbook.md#%s)".formatted(alert, alert.toLowerCase());
        };
    }
}
