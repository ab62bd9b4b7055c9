package dev.playground.monitoring.faults;

import dev.playground.monitoring.dashboards.Dashboard;
import dev.playground.monitoring.dashboards.Dashboard.Panel;

/**
 * Where each fault shows: the rows of the table in docs/faults.md, which {@link FaultsIT} verifies.
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
    CPU("{\"cpu\": 1}", "Fault started: cpu=1.0", 16, 0.4, null),
    MEMORY("{\"memory\": 30}", "Fault started: memory=30MB", 17, 40 << 20, null),
    UNREADY("{\"unready\": true}", "Fault started: unready=true", null, 0, null);

    /** Within these times after the change; an alert also needs its {@code for}. */
    static final int METRIC_SECONDS = 15;

    static final int LINE_SECONDS = 30;
    static final int PANEL_SECONDS = 60;
    static final int ALERT_SECONDS = 150;

    final String document;
    final String line;
    final Integer panel;
    final double threshold;
    final String alert;

    /**
     * @param line the start of a log line
     * @param panel its id in the service dashboard; null if no panel shows the fault
     * @param threshold the value of the panel is above it only with the fault
     * @param alert null if no rule covers the fault
     */
    FaultCase(String document, String line, Integer panel, double threshold, String alert) {
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

    /** As in docs/faults.md. */
    String row() {
        return "| `%s` | `fault_active{fault=\"%s\"}`, %d s | `%s`, %d s | %s | %s |\n"
                .formatted(
                        document,
                        label(),
                        METRIC_SECONDS,
                        line,
                        LINE_SECONDS,
                        panel == null
                                ? "none"
                                : "*%s*, %d s".formatted(dashboardPanel().title(), PANEL_SECONDS),
                        alert == null
                                ? "none"
                                : "[%s](runbook.md#%s), %d s"
                                        .formatted(alert, alert.toLowerCase(), ALERT_SECONDS));
    }
}
