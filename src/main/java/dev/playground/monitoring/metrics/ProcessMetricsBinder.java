package dev.playground.monitoring.metrics;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.micronaut.context.annotation.Context;
import io.prometheus.metrics.instrumentation.jvm.ProcessMetrics;

/**
 * The process metrics under Prometheus' standard names, such as {@code process_cpu_seconds_total}.
 * Micrometer's binders for the same values have other names; application.yml disables them.
 */
@Context
final class ProcessMetricsBinder {
    ProcessMetricsBinder(PrometheusMeterRegistry registry) {
        ProcessMetrics.builder().register(registry.getPrometheusRegistry());
    }
}
