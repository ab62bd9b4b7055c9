package dev.playground.monitoring.faults;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micronaut.context.annotation.Context;
import io.micronaut.context.annotation.Requires;

/** The metrics {@code fault_active} and {@code fault_value}, computed at each scrape. */
@Context
@Requires(beans = Faults.class)
final class FaultMetrics {
    FaultMetrics(Faults faults, MeterRegistry registry) {
        for (Fault fault : Fault.values()) {
            Gauge.builder("fault.active", () -> isActive(faults.effects(), fault) ? 1 : 0)
                    .description("Whether the fault is active")
                    .tag("fault", fault.label())
                    .register(registry);
            Gauge.builder("fault.value", () -> value(faults.effects(), fault))
                    .description("Effective value of the fault in its base unit")
                    .tag("fault", fault.label())
                    .register(registry);
        }
    }

    private static boolean isActive(Effects effects, Fault fault) {
        return effects != null && effects.document().has(fault);
    }

    private static double value(Effects effects, Fault fault) {
        return effects == null ? 0 : effects.value(fault);
    }
}
