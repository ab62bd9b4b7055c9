package dev.playground.monitoring.faults;

import io.micronaut.context.annotation.Requires;
import io.micronaut.core.async.publisher.Publishers;
import io.micronaut.health.HealthStatus;
import io.micronaut.management.health.indicator.HealthIndicator;
import io.micronaut.management.health.indicator.HealthResult;
import io.micronaut.management.health.indicator.annotation.Readiness;
import jakarta.inject.Singleton;
import org.reactivestreams.Publisher;

/** The fault {@code unready}. Part of the readiness only: liveness stays UP. */
@Singleton
@Readiness
@Requires(beans = Faults.class)
final class FaultReadiness implements HealthIndicator {
    private final Faults faults;

    FaultReadiness(Faults faults) {
        this.faults = faults;
    }

    @Override
    public Publisher<HealthResult> getResult() {
        Effects effects = faults.allEffects();
        boolean unready = effects != null && effects.document().unready();
        return Publishers.just(
                HealthResult.builder("faults", unready ? HealthStatus.DOWN : HealthStatus.UP)
                        .build());
    }
}
