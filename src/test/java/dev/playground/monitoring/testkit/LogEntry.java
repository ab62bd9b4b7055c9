package dev.playground.monitoring.testkit;

import java.util.Map;

/**
 * What Loki compares when it decides whether two lines are one.
 *
 * @param nanos since the epoch
 */
public record LogEntry(
        Map<String, String> labels, long nanos, String line, Map<String, String> metadata) {}
