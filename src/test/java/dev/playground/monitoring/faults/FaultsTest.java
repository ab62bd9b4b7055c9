package dev.playground.monitoring.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.playground.monitoring.heavy.Behaviour;
import dev.playground.monitoring.heavy.Latency;
import dev.playground.monitoring.heavy.Outcome;
import dev.playground.monitoring.testkit.LogCapture;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Faults by a clock of the test. */
class FaultsTest {
    private static final Behaviour NORMAL =
            new Behaviour(0.2, List.of("Normal"), new Latency.AnyOf(List.of(100)), 0, null);

    /** Follows no call. */
    static final CallListener NO_CALLS =
            new CallListener() {
                @Override
                public Consumer<Outcome> started(String traceId, boolean faulty) {
                    return outcome -> {};
                }

                @Override
                public void endIfOver() {}
            };

    private long seconds;
    private final Faults faults = new Faults(NORMAL, () -> Duration.ofSeconds(seconds).toNanos());

    @Test
    void numbersGrowLinearlyUntilTheEndOfTheRamp() {
        start(
                "{'errorRate': 1, 'latency': {'fixed': '1100ms'}, 'causes': ['A', 'B'], 'cpu': 0.8,"
                        + " 'memory': 20, 'unready': true, 'for': '100s', 'ramp': '40s'}");

        assertThat(values()).containsExactly(0.2, 0.1, 2, 0, 0, 1);
        seconds = 10;
        assertThat(values()).containsExactly(0.4, 0.35, 2, 0.2, 5 * 1048576, 1);
        assertThat(faults.effects().behaviour().latency().drawMs(new Random())).isEqualTo(350);
        seconds = 40;
        assertThat(values()).containsExactly(1, 1.1, 2, 0.8, 20 * 1048576, 1);
        seconds = 99;
        assertThat(values()).containsExactly(1, 1.1, 2, 0.8, 20 * 1048576, 1);
        seconds = 100;
        assertThat(faults.effects()).isNull();
    }

    private double[] values() {
        Effects effects = faults.effects();
        return DoubleStream.of(
                        List.of(Fault.values()).stream().mapToDouble(effects::value).toArray())
                // Without the error of a sum of binary fractions.
                .map(value -> Math.round(value * 1e9) / 1e9)
                .toArray();
    }

    @Test
    void logsEachStartAndEachEndOnceWithItsReason() {
        try (var logs = LogCapture.of(Faults.class)) {
            start("{'errorRate': 0.5, 'causes': ['A, B', 'C'], 'seed': 7, 'ramp': '1500ms'}");
            start("{'latency': {'uniform': ['1s', '2s']}, 'unready': true, 'for': '1s'}");
            faults.endIfOver();
            seconds = 1;
            faults.endIfOver();
            faults.endIfOver();
            start("{'cpu': 1, 'for': '1h', 'ramp': '1h'}");
            faults.delete();
            faults.delete();
            start("{'memory': 5, 'for': '10s'}");
            seconds = 11;
            // It has expired, although that is not logged yet.
            start("{'cpu': 1}");
            faults.stop();

            assertThat(logs.events())
                    .extracting(ILoggingEvent::getFormattedMessage)
                    .containsExactly(
                            "Fault started: error_rate=0.5, causes=[A, B, C] for 300s, ramp 1500ms,"
                                    + " seed 7",
                            "Fault ended: error_rate=0.5, causes=[A, B, C] for 300s, ramp 1500ms,"
                                    + " seed 7 (replaced)",
                            "Fault started: latency={\"uniform\":[\"1s\",\"2s\"]}, unready=true for"
                                    + " 1s, ramp 0s",
                            "Fault ended: latency={\"uniform\":[\"1s\",\"2s\"]}, unready=true for"
                                    + " 1s, ramp 0s (expired)",
                            "Fault started: cpu=1.0 for 3600s, ramp 1h",
                            "Fault ended: cpu=1.0 for 3600s, ramp 1h (deleted)",
                            "Fault started: memory=5MB for 10s, ramp 0s",
                            "Fault ended: memory=5MB for 10s, ramp 0s (expired)",
                            "Fault started: cpu=1.0 for 300s, ramp 0s",
                            "Fault ended: cpu=1.0 for 300s, ramp 0s (stopped)");
        }
    }

    @Test
    void hiddenDocumentActsButIsNotShown() {
        try (var logs = LogCapture.of(Faults.class)) {
            faults.hide(read("{'cpu': 0.5, 'for': '10s'}"), Duration.ofSeconds(5), NO_CALLS);

            seconds = 4;
            assertThat(faults.allEffects()).isNull();
            seconds = 5;
            assertThat(faults.allEffects().cpu()).isEqualTo(0.5);
            assertThat(faults.effects()).isNull();
            assertThatThrownBy(() -> start("{'cpu': 1}")).hasMessageContaining("an incident");
            faults.delete();
            assertThat(faults.allEffects()).isNotNull();
            faults.endHidden();
            assertThat(faults.allEffects()).isNull();
            assertThatThrownBy(() -> start("{'cpu': 1}")).hasMessageContaining("an incident");
            assertThat(logs.events()).isEmpty();
        }
        faults.unhide();
        start("{'cpu': 1}");
        assertThatThrownBy(() -> faults.hide(read("{'cpu': 1}"), Duration.ZERO, NO_CALLS))
                .hasMessageContaining("a fault is active");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'errorRate': 0}",
                "{'errorRate': 1, 'unready': false}",
                "{'cpu': 1, 'ramp': '5m', 'seed': -9223372036854775808}",
                "{'memory': 1, 'for': '1000ms', 'ramp': '1s'}",
                "{'unready': true, 'for': '120s'}",
                "{'latency': {'fixed': '0s'}, 'for': '60m'}",
                "{'latency': {'list': ['50s', '0ms']}}",
                "{'latency': {'uniform': ['1s', '1s']}}",
                "{'latency': {'longTail': {'p99': '1ms', 'median': '1ms'}}}"
            })
    void acceptsBounds(String document) {
        start(document);

        assertThat(faults.effects()).isNotNull();
    }

    @Test
    void acceptsMemoryUpToAFifthOfTheHeap() {
        long max = Runtime.getRuntime().maxMemory() / 5 / (1024 * 1024);

        start("{'memory': " + max + "}");

        assertThat(faults.effects().memoryMb()).isEqualTo((int) max);
        assertThatThrownBy(() -> start("{'memory': " + (max + 1) + "}"))
                .hasMessageEndingWith("expected a whole number of MB from 1 to " + max);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'fixed': '2s'} | 2000 | 2000 | 2000",
                "{'list': ['100ms', '200ms', '600ms']} | 100 | 300 | 600",
                "{'uniform': ['100ms', '900ms']} | 100 | 500 | 900",
                "{'longTail': {'median': '200ms', 'p99': '1s'}} | 0 | 254 | 50000",
                "{'longTail': {'median': '1s', 'p99': '50s'}} | 0 | 3545 | 50000",
            })
    void latencyHasItsMeanAndBounds(String json, int min, int mean, int max) {
        start("{'latency': " + json + "}");
        Latency latency = faults.effects().behaviour().latency();
        Random random = new Random(1);

        var drawn =
                IntStream.range(0, 100_000).map(i -> latency.drawMs(random)).summaryStatistics();

        assertThat(latency.meanMs()).isCloseTo(mean, within(0.5));
        assertThat(drawn.getAverage()).isCloseTo(mean, within(mean * 0.02));
        assertThat(drawn.getMin()).isGreaterThanOrEqualTo(min);
        assertThat(drawn.getMax()).isLessThanOrEqualTo(max);
        assertThat(latency.maxMs()).isEqualTo(max);
    }

    @Test
    void longTailHasItsMedianAndItsP99() {
        Latency latency = new Latencies.LongTail(200, 5_000);
        Random random = new Random(1);
        int[] sorted =
                IntStream.range(0, 100_000).map(i -> latency.drawMs(random)).sorted().toArray();

        assertThat(sorted[50_000]).isCloseTo(200, within(6));
        assertThat(sorted[99_000]).isCloseTo(5_000, within(300));
    }

    @Test
    void seedRepeatsTheSequenceAndIsOfItsDocumentOnly() {
        String document = "{'latency': {'uniform': ['0s', '50s']}, 'seed': 42}";
        Supplier<List<Integer>> draws =
                () -> {
                    start(document);
                    Behaviour behaviour = faults.effects().behaviour();
                    return IntStream.range(0, 5)
                            .mapToObj(i -> behaviour.latency().drawMs(behaviour.seeded()))
                            .toList();
                };

        assertThat(draws.get()).isEqualTo(draws.get()).doesNotHaveDuplicates();
        start("{'errorRate': 1}");
        assertThat(faults.effects().behaviour().seeded()).isNull();
    }

    private void start(String document) {
        faults.start(read(document));
    }

    private static FaultDocument read(String document) {
        String json = document.replace('\'', '"');
        return FaultReader.read(json.getBytes(StandardCharsets.UTF_8));
    }
}
