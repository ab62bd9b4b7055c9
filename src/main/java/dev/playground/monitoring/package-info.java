/**
 * A small service to break on purpose, and what it tells of itself: metrics for Prometheus, log
 * lines for Loki, and the trace id that leads from the one to the other.
 */
package dev.playground.monitoring;
