package dev.playground.monitoring.heavy;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micronaut.context.annotation.Context;
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
 * The simulated work: a wait that blocks no thread. A timer of the event loop that read the request
 * ends it, so the response needs no thread switch. A call above the limit is rejected, not queued.
 * The bean is created at start-up so that its gauges exist before the first call.
 */
@Context
public final class HeavyWork {
    private final HeavySettings settings;
    private final Behaviour normal;

    private final AtomicInteger inFlight = new AtomicInteger();
    private final EventLoopGroup eventLoops;

    HeavyWork(HeavySettings settings, MeterRegistry registry, EventLoopGroup eventLoops) {
        this.settings = settings;
        this.normal =
                new Behaviour(
                        settings.errorRate(),
                        settings.errorCauses(),
                        new Latency.AnyOf(settings.latenciesMs()),
                        0,
                        settings.seed() == null ? null : new Random(settings.seed()));
        this.eventLoops = eventLoops;
        Gauge.builder("heavy.computation.in.flight", inFlight, AtomicInteger::get)
                .description("Calls of /heavy-computation that wait for their answer")
                .register(registry);
        Gauge.builder("heavy.computation.max.in.flight", settings::maxInFlight)
                .description("Calls of /heavy-computation above which further ones get 503")
                .register(registry);
    }

    /** The behaviour by the settings. */
    public Behaviour normal() {
        return normal;
    }

    /**
     * Starts one call.
     *
     * @return the outcome, completed after its latency; empty when the limit of calls in flight is
     *     reached
     */
    Optional<CompletionStage<Outcome>> start(Behaviour behaviour) {
        if (inFlight.incrementAndGet() > settings.maxInFlight()) {
            inFlight.decrementAndGet();
            return Optional.empty();
        }
        Outcome outcome = draw(behaviour);
        CompletableFuture<Outcome> result = new CompletableFuture<>();
        if (outcome instanceof Outcome.Success success) {
            endAfter(success.latencyMs(), result, outcome);
        } else if (behaviour.failureLatencyMs() > 0) {
            endAfter(behaviour.failureLatencyMs(), result, outcome);
        } else {
            end(result, outcome);
        }
        return Optional.of(result);
    }

    private static Outcome draw(Behaviour behaviour) {
        RandomGenerator seeded = behaviour.seeded();
        if (seeded == null) {
            return draw(behaviour, ThreadLocalRandom.current());
        }
        // Concurrent calls would interleave their draws, and the sequence would not repeat.
        synchronized (seeded) {
            return draw(behaviour, seeded);
        }
    }

    /** Draws whether the call fails, then its cause or its latency. */
    private static Outcome draw(Behaviour behaviour, RandomGenerator random) {
        if (random.nextDouble() < behaviour.errorRate()) {
            var causes = behaviour.causes();
            return new Outcome.Failure(causes.get(random.nextInt(causes.size())));
        }
        return new Outcome.Success(behaviour.latency().drawMs(random));
    }

    private void endAfter(int latencyMs, CompletableFuture<Outcome> result, Outcome outcome) {
        // The timer does not know the request, whose trace id must be in the MDC.
        Runnable end = PropagatedContext.wrapCurrent(() -> end(result, outcome));
        eventLoop().schedule(end, latencyMs, TimeUnit.MILLISECONDS);
    }

    /** The event loop of the calling thread; any other if the caller is not an event loop. */
    private EventExecutor eventLoop() {
        for (EventExecutor eventLoop : eventLoops) {
            if (eventLoop.inEventLoop()) {
                return eventLoop;
            }
        }
        return eventLoops.next();
    }

    private void end(CompletableFuture<Outcome> result, Outcome outcome) {
        inFlight.decrementAndGet();
        result.complete(outcome);
    }
}
