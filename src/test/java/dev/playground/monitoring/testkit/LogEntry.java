package dev.playground.monitoring.testkit;

import java.util.Map;

/**
 * The fields by which Loki detects a duplicate line.
 *
 * @param nanos since the epoch
 */
public record LogEntry(
        Map<String, String> labels, long nanos, String line, Map<String, String> metadata) {}
