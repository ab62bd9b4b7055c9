/**
 * A small service for practising monitoring: it exposes metrics to Prometheus, pushes log lines to
 * Loki, and links both by trace id.
 */
package dev.playground.monitoring;
