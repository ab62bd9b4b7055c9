package dev.playground.monitoring.heavy;

import dev.playground.monitoring.heavy.HeavySettings.Outcome;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micronaut.context.annotation.Context;
import io.micronaut.core.annotation.Nullable;
import io.micronaut.core.propagation.PropagatedContext;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;

/**
 * The simulated work: a wait that holds no thread. The event loop that read the call also wakes it,
 * so that its answer changes no thread; above the limit a call is turned away instead of queued.
 * Made at the start, so that its two gauges are there before the first call.
 */
@Context
final class HeavyWork {
    private final HeavySettings settings;

    /** Null when each start is to have another sequence. */
    @Nullable private final RandomGenerator seeded;

    private final AtomicInteger inFlight = new AtomicInteger();
    private final EventLoopGroup eventLoops;

    HeavyWork(HeavySettings settings, MeterRegistry registry, EventLoopGroup eventLoops) {
        this.settings = settings;
        this.seeded = settings.seed().isEmpty() ? null : new Random(settings.seed().getAsLong());
        this.eventLoops = eventLoops;
        Gauge.builder("heavy.computation.in.flight", inFlight, AtomicInteger::get)
                .description("Calls of /heavy-computation that wait for their answer")
                .register(registry);
        Gauge.builder("heavy.computation.max.in.flight", settings::maxInFlight)
                .description("Calls of /heavy-computation above which further ones get 503")
                .register(registry);
    }

    private Outcome draw() {
        if (seeded == null) {
            return settings.draw(ThreadLocalRandom.current());
        }
        // One call at a time, or two would mix their draws and the sequence would not repeat.
        synchronized (seeded) {
            return settings.draw(seeded);
        }
    }

    /**
     * Begins one call.
     *
     * @return what the call turned out to be, as soon as its latency is over; empty when the limit
     *     of calls in flight is reached
     */
    Optional<CompletionStage<Outcome>> begin() {
        if (inFlight.incrementAndGet() > settings.maxInFlight()) {
            inFlight.decrementAndGet();
            return Optional.empty();
        }
        Outcome outcome = draw();
        CompletableFuture<Outcome> answer = new CompletableFuture<>();
        if (outcome instanceof Outcome.Success success) {
            // The event loop does not know the request, whose trace id has to be in the MDC.
            Runnable end = PropagatedContext.wrapCurrent(() -> end(answer, outcome));
            eventLoop().schedule(end, success.latencyMs(), TimeUnit.MILLISECONDS);
        } else {
            end(answer, outcome);
        }
        return Optional.of(answer);
    }

    /** The calling thread's own; any of them when called from elsewhere. */
    private EventExecutor eventLoop() {
        for (EventExecutor eventLoop : eventLoops) {
            if (eventLoop.inEventLoop()) {
                return eventLoop;
            }
        }
        return eventLoops.next();
    }

    private void end(CompletableFuture<Outcome> answer, Outcome outcome) {
        inFlight.decrementAndGet();
        answer.complete(outcome);
    }

    /** Whole seconds after which a call that was turned away finds a place: the longest latency. */
    int retryAfterSeconds() {
        return Math.max(1, (int) Math.ceil(settings.longestLatencyMs() / 1000.0));
    }
}
