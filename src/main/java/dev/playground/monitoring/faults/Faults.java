package dev.playground.monitoring.faults;

import dev.playground.monitoring.heavy.Behaviour;
import dev.playground.monitoring.heavy.BehaviourChange;
import dev.playground.monitoring.heavy.HeavyWork;
import dev.playground.monitoring.heavy.Outcome;
import dev.playground.monitoring.trace.TraceContext;
import io.micronaut.context.annotation.Requires;
import io.micronaut.core.annotation.Nullable;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpStatus;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The active document: at most one, replaced as a whole. Or the hidden one of an incident. */
@Singleton
@Requires(property = "faults.enabled", value = "true")
public final class Faults implements BehaviourChange {
    private static final Logger LOG = LoggerFactory.getLogger(Faults.class);
    private static final String OUTCOME = Faults.class.getName();

    private final Behaviour normal;
    private final LongSupplier clock;

    /** Null without a document. One that is over stays until {@link #endIfOver()}. */
    @Nullable private volatile Active active;

    /** Null unless an incident runs. */
    @Nullable private volatile Hidden hidden;

    @Inject
    Faults(HeavyWork work) {
        this(work.normal(), System::nanoTime);
    }

    /**
     * @param clock in nanoseconds
     */
    public Faults(Behaviour normal, LongSupplier clock) {
        this.normal = normal;
        this.clock = clock;
    }

    /** The behaviour without faults. */
    public Behaviour normal() {
        return normal;
    }

    /**
     * @throws InvalidRequestException with status 409 while a document is hidden
     */
    synchronized void start(FaultDocument document) {
        if (hidden != null) {
            throw conflict("an incident is running", "its end, or DELETE /incidents/{id}");
        }
        replace(Active.of(document, clock.getAsLong()), "replaced");
    }

    /**
     * Sets a document that has its effects, and that neither {@code /faults} nor a metric nor a log
     * line shows. No other document can start until {@link #unhide()}.
     *
     * @param delay until it starts
     * @throws InvalidRequestException with status 409 while another document is active or hidden
     */
    public synchronized void hide(FaultDocument document, Duration delay, CallListener listener) {
        if (hidden != null || effects() != null) {
            throw conflict("a fault is active", "none; DELETE /faults ends it");
        }
        long start = clock.getAsLong() + delay.toNanos();
        hidden = new Hidden(Active.of(document, start), listener);
    }

    /** Ends the effects of the hidden document. Its listener still follows the calls. */
    public synchronized void endHidden() {
        hidden = new Hidden(null, hidden.listener());
    }

    public synchronized void unhide() {
        hidden = null;
    }

    private static InvalidRequestException conflict(String problem, String expected) {
        return new InvalidRequestException(HttpStatus.CONFLICT, "faults", problem, expected);
    }

    /** Ends what acts: the active document, or the effects of the hidden one. */
    synchronized void endAll() {
        delete();
        if (hidden != null) {
            endHidden();
        }
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
        if (over != null && !over.isActive(clock.getAsLong())) {
            expire(over);
        }
        Hidden current = hidden;
        if (current != null) {
            current.listener().endIfOver();
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
                    previous.isActive(clock.getAsLong()) ? reason : "expired");
        }
        if (next != null) {
            LOG.info("Fault started: {}", next.document());
        }
    }

    /** What {@code /faults} and the metrics show; null without an active document. */
    @Nullable
    Effects effects() {
        return effects(active);
    }

    /** What acts: {@link #effects()}, or those of the hidden document. */
    @Nullable
    Effects allEffects() {
        Hidden current = hidden;
        return effects(current == null ? active : current.active());
    }

    @Nullable
    private Effects effects(@Nullable Active document) {
        long now = clock.getAsLong();
        return document != null && document.isActive(now) ? document.effects(normal, now) : null;
    }

    @Override
    public Behaviour apply(Behaviour settings, HttpRequest<?> call) {
        Hidden current = hidden;
        Effects effects = allEffects();
        Behaviour faulty = effects == null ? settings : effects.behaviour();
        Behaviour requested = CallParameters.apply(faulty, call);
        // A call that requests its own outcome says nothing about the hidden document.
        if (current != null && requested == faulty) {
            String traceId = TraceContext.of(call).traceId();
            call.setAttribute(OUTCOME, current.listener().started(traceId, effects != null));
        }
        return requested;
    }

    @Override
    @SuppressWarnings("unchecked") // as set above
    public void ended(HttpRequest<?> call, Outcome outcome) {
        if (hidden != null) {
            call.getAttribute(OUTCOME, Consumer.class).ifPresent(each -> each.accept(outcome));
        }
    }

    /**
     * @param active null after the end of its effects
     */
    private record Hidden(@Nullable Active active, CallListener listener) {}

    /**
     * @param started by the clock; may be later
     * @param seeded null without a seed
     */
    private record Active(FaultDocument document, long started, @Nullable Random seeded) {
        static Active of(FaultDocument document, long started) {
            Long seed = document.seed();
            return new Active(document, started, seed == null ? null : new Random(seed));
        }

        boolean isActive(long now) {
            long elapsed = now - started;
            return elapsed >= 0 && elapsed < document.lasts().toNanos();
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
