package dev.playground.monitoring.metrics;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.micronaut.context.annotation.Context;
import io.prometheus.metrics.instrumentation.jvm.ProcessMetrics;

/**
 * The process under Prometheus' standard names ({@code process_cpu_seconds_total} and the like),
 * from Prometheus' own library. Micrometer's binders of the same facts are off in application.yml.
 */
@Context
final class ProcessMetricsBinder {
    ProcessMetricsBinder(PrometheusMeterRegistry registry) {
        ProcessMetrics.builder().register(registry.getPrometheusRegistry());
    }
}
