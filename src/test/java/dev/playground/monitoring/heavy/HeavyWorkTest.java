package dev.playground.monitoring.heavy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.playground.monitoring.heavy.Outcome.Failure;
import dev.playground.monitoring.heavy.Outcome.Success;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micronaut.core.propagation.PropagatedContext;
import io.micronaut.core.propagation.PropagatedContextElement;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import io.netty.channel.EventLoopGroup;
import jakarta.inject.Inject;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@MicronautTest(startApplication = false)
class HeavyWorkTest {
    @Inject EventLoopGroup eventLoops;

    // The blanks around the items in application.yml are not part of them.
    @Test
    void defaultsEqualContract(HeavySettings defaults) {
        assertThat(defaults)
                .isEqualTo(
                        new HeavySettings(
                                List.of(100, 150, 200, 300, 500, 600, 1000, 1400, 2500),
                                0.125,
                                List.of(
                                        "DB Payment Failure",
                                        "DB Server is Down",
                                        "Access Denied",
                                        "Not Found Error"),
                                10_000,
                                null));
    }

    @Test
    void failureIsImmediateAndReleasesItsPlace() {
        HeavyWork work = work(List.of(50_000), 1, 1, 42L);

        assertThat(outcomes(work).limit(2))
                .allMatch(outcome -> outcome.getNow(null) instanceof Failure);
    }

    @Test
    void seedSelectsTheSameSequenceOnEveryMachine() {
        // java.util.Random specifies its arithmetic.
        assertThat(outcomes(work(List.of(1, 2, 3), 0.125, 10, 42L)).limit(8))
                .map(CompletableFuture::join)
                .containsExactly(
                        new Success(1),
                        new Failure("Bad luck"),
                        new Success(2),
                        new Failure("Disk full"),
                        new Success(3),
                        new Success(1),
                        new Success(3),
                        new Success(1));
    }

    @Test
    void errorRateIsTheShareOfFailures() {
        List<CompletableFuture<Outcome>> outcomes =
                outcomes(work(List.of(0), 0.125, 10_000, 7L)).limit(8_000).toList();

        // Within four standard deviations.
        assertThat(outcomes.stream().map(CompletableFuture::join).filter(Failure.class::isInstance))
                .hasSizeBetween(1_000 - 118, 1_000 + 118);
    }

    @Test
    void eachOutcomeHasThePropagatedContextOfItsCall() {
        HeavyWork work = work(List.of(20, 30), 0, 200, null);
        List<CompletableFuture<Call>> calls =
                IntStream.range(0, 200)
                        .mapToObj(
                                number -> {
                                    var context =
                                            PropagatedContext.getOrEmpty().plus(new Call(number));
                                    return context.propagate(
                                            () ->
                                                    work.start(work.normal())
                                                            .orElseThrow()
                                                            .toCompletableFuture()
                                                            .thenApply(outcome -> Call.current()));
                                })
                        .toList();

        assertThat(calls)
                .map(CompletableFuture::join)
                .map(Call::number)
                .containsExactlyElementsOf(IntStream.range(0, 200).boxed().toList());
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "1000, 1", "2500, 3"})
    void retryAfterIsTheLongestLatencyRoundedUp(int longestMs, int seconds) {
        assertThat(work(List.of(0, longestMs), 0, 1, null).normal().retryAfterSeconds())
                .isEqualTo(seconds);
    }

    private static Stream<CompletableFuture<Outcome>> outcomes(HeavyWork work) {
        return Stream.generate(() -> work.start(work.normal()).orElseThrow().toCompletableFuture());
    }

    private HeavyWork work(List<Integer> latenciesMs, double errorRate, int limit, Long seed) {
        List<String> causes = List.of("Disk full", "Bad luck");
        return new HeavyWork(
                new HeavySettings(latenciesMs, errorRate, causes, limit, seed),
                new SimpleMeterRegistry(),
                eventLoops);
    }

    private record Call(int number) implements PropagatedContextElement {
        static Call current() {
            return PropagatedContext.get().get(Call.class);
        }
    }
}
