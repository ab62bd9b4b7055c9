package dev.playground.monitoring.heavy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.playground.monitoring.heavy.HeavySettings.Outcome;
import dev.playground.monitoring.heavy.HeavySettings.Outcome.Failure;
import dev.playground.monitoring.heavy.HeavySettings.Outcome.Success;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HeavyWorkTest {
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final EventLoopGroup eventLoops =
            new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    private HeavyWork work;

    @AfterEach
    void stop() {
        eventLoops.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Test
    void callsInFlightTakeNoThreadAndEndNotBeforeTheirLatency() {
        work = work("2000, 2200, 2500", "0", 10_000, "");
        int threads = threads();
        List<CompletableFuture<Call>> calls =
                IntStream.range(0, 5_000).mapToObj(i -> timedCall()).toList();

        assertThat(inFlight()).isEqualTo(5_000);
        // The event loops', and what the JVM may start meanwhile.
        assertThat(threads() - threads).isLessThan(10);
        await().until(() -> calls.stream().allMatch(CompletableFuture::isDone));
        assertThat(calls)
                .extracting(CompletableFuture::join)
                .allSatisfy(
                        call -> assertThat(call.tookMs()).isGreaterThanOrEqualTo(call.latencyMs()));
        assertThat(inFlight()).isZero();
    }

    @Test
    void aCallAboveTheLimitIsTurnedAwayAndTakesNoPlace() {
        work = work("500", "0", 2, "");
        List<CompletableFuture<Outcome>> accepted = List.of(accepted(), accepted());

        assertThat(Stream.generate(work::begin).limit(100)).allMatch(Optional::isEmpty);
        await().until(() -> accepted.stream().allMatch(CompletableFuture::isDone));

        assertThat(work.begin()).isPresent();
        assertThat(work.begin()).isPresent();
        assertThat(work.begin()).isEmpty();
    }

    @Test
    void aFailureIsThereAtOnceAndKeepsNoPlace() {
        work = work("50000", "1", 1, "");

        assertThat(accepted()).isCompletedWithValue(new Failure("Disk full"));
        assertThat(accepted()).isCompletedWithValue(new Failure("Disk full"));
        assertThat(inFlight()).isZero();
    }

    @Test
    void aSeedRepeatsTheSequence() {
        List<Outcome> first = eightThousandOutcomes("7");
        List<Outcome> again = eightThousandOutcomes("7");
        List<Outcome> other = eightThousandOutcomes("8");

        assertThat(again).isEqualTo(first);
        assertThat(other).isNotEqualTo(first);
        // One in eight, within four standard deviations.
        assertThat(first.stream().filter(Failure.class::isInstance).count())
                .isBetween(1_000L - 118, 1_000L + 118);
    }

    @Test
    void aPlaceIsPromisedForAfterTheLongestLatency() {
        work = work("100, 2500, 300", "0", 1, "");
        assertThat(work.retryAfterSeconds()).isEqualTo(3);

        work = work("0", "0", 1, "");
        assertThat(work.retryAfterSeconds()).isEqualTo(1);
    }

    private List<Outcome> eightThousandOutcomes(String seed) {
        work = work("0, 1, 2, 3", "0.125", 10_000, seed);
        List<CompletableFuture<Outcome>> answers =
                Stream.generate(this::accepted).limit(8_000).toList();
        return answers.stream().map(CompletableFuture::join).toList();
    }

    private CompletableFuture<Call> timedCall() {
        long begun = System.nanoTime();
        return accepted()
                .thenApply(
                        outcome ->
                                new Call(
                                        ((Success) outcome).latencyMs(),
                                        (System.nanoTime() - begun) / 1e6));
    }

    private CompletableFuture<Outcome> accepted() {
        return work.begin().map(CompletionStage::toCompletableFuture).orElseThrow();
    }

    private double inFlight() {
        return registry.get("heavy.computation.in.flight").gauge().value();
    }

    private static int threads() {
        return ManagementFactory.getThreadMXBean().getThreadCount();
    }

    private HeavyWork work(String latenciesMs, String errorRate, int maxInFlight, String seed) {
        return new HeavyWork(
                new HeavySettings(
                        latenciesMs, errorRate, "Disk full", Integer.toString(maxInFlight), seed),
                registry,
                eventLoops);
    }

    private record Call(int latencyMs, double tookMs) {}
}
