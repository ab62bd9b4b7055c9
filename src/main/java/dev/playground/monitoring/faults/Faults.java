package dev.playground.monitoring.faults;

import dev.playground.monitoring.heavy.Behaviour;
import dev.playground.monitoring.heavy.BehaviourChange;
import dev.playground.monitoring.heavy.HeavyWork;
import io.micronaut.context.annotation.Requires;
import io.micronaut.core.annotation.Nullable;
import io.micronaut.http.HttpRequest;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Random;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The active document: at most one, replaced as a whole. */
@Singleton
@Requires(property = "faults.enabled", value = "true")
final class Faults implements BehaviourChange {
    private static final Logger LOG = LoggerFactory.getLogger(Faults.class);

    private final Behaviour normal;
    private final LongSupplier clock;

    /** Null without a document. One that is over stays until {@link #endIfOver()}. */
    @Nullable private volatile Active active;

    @Inject
    Faults(HeavyWork work) {
        this(work.normal(), System::nanoTime);
    }

    /**
     * @param clock in nanoseconds
     */
    Faults(Behaviour normal, LongSupplier clock) {
        this.normal = normal;
        this.clock = clock;
    }

    void start(FaultDocument document) {
        Long seed = document.seed();
        replace(
                new Active(document, clock.getAsLong(), seed == null ? null : new Random(seed)),
                "replaced");
    }

    void delete() {
        replace(null, "deleted");
    }

    @PreDestroy
    void stop() {
        replace(null, "stopped");
    }

    /** Called regularly, so that the end is logged at its time. */
    void endIfOver() {
        Active over = active;
        if (over != null && !over.isLeft(clock.getAsLong())) {
            expire(over);
        }
    }

    private synchronized void expire(Active over) {
        // Another thread may have replaced it.
        if (active == over) {
            replace(null, "expired");
        }
    }

    /** Synchronized, so that the log has the events in the order of the changes. */
    private synchronized void replace(@Nullable Active next, String reason) {
        Active previous = active;
        active = next;
        if (previous != null) {
            LOG.info(
                    "Fault ended: {} ({})",
                    previous.document(),
                    previous.isLeft(clock.getAsLong()) ? reason : "expired");
        }
        if (next != null) {
            LOG.info("Fault started: {}", next.document());
        }
    }

    /** The effects now; null without an active document. */
    @Nullable
    Effects effects() {
        Active current = active;
        long now = clock.getAsLong();
        return current != null && current.isLeft(now) ? current.effects(normal, now) : null;
    }

    @Override
    public Behaviour apply(Behaviour settings, HttpRequest<?> call) {
        Effects effects = effects();
        return CallParameters.apply(effects == null ? settings : effects.behaviour(), call);
    }

    /**
     * @param started by the clock
     * @param seeded null without a seed
     */
    private record Active(FaultDocument document, long started, @Nullable Random seeded) {
        boolean isLeft(long now) {
            return now - started < document.lasts().toNanos();
        }

        Effects effects(Behaviour normal, long now) {
            long ramp = document.ramp().toNanos();
            long elapsed = now - started;
            return new Effects(
                    document,
                    normal,
                    elapsed < ramp ? (double) elapsed / ramp : 1,
                    document.lasts().minusNanos(elapsed),
                    seeded);
        }
    }
}
