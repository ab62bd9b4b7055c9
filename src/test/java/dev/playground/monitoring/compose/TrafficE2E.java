package dev.playground.monitoring.compose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;
import static org.awaitility.Awaitility.await;

import dev.playground.monitoring.testkit.Exposition;
import dev.playground.monitoring.testkit.Http;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.function.DoublePredicate;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The traffic of docker-compose.yml. Runs by {@code mvn -Pe2e verify}. */
class TrafficE2E {
    private static final String HEAVY = "/heavy-computation";

    /** Longer than the two minutes before the phase of a scenario. */
    private static final Duration LIMIT = Duration.ofMinutes(4);

    @AutoClose private static ComposeStack stack;

    @BeforeAll
    static void start() {
        stack = ComposeStack.start("backend", "traffic");
        stack.assume("traffic");
    }

    @Test
    void callsBothRoutesAtTheRateAlsoAfterRestartOfService() {
        restart("5");
        stack.compose("restart", "backend");
        awaitCalls(10);

        long since = System.nanoTime();
        double home = calls("/");
        double heavy = calls(HEAVY);
        awaitCalls(home + heavy + 100);
        double seconds = (System.nanoTime() - since) / 1e9;

        assertThat((calls("/") - home) / seconds).isCloseTo(2.5, withinPercentage(20));
        assertThat((calls(HEAVY) - heavy) / seconds).isCloseTo(2.5, withinPercentage(20));
    }

    @Test
    void rateZeroKeepsRunningAndSendsNothing() {
        restart("0");

        awaitInTenSeconds(TrafficE2E::calls, sent -> sent == 0);

        assertThat(stack.compose("ps", "traffic")).contains("(healthy)");
        assertThat(stack.compose("logs", "--no-log-prefix", "--tail", "1", "traffic"))
                .startsWith("0 calls per second");
    }

    @Test
    void spikeSendsFiveTimesTheRateForOneMinute() {
        stack.up(Map.of("TRAFFIC_RATE", "4", "TRAFFIC_SCENARIO", "spike"), "traffic");

        awaitInTenSeconds(TrafficE2E::calls, sent -> sent > 30 && sent < 60);
        awaitInTenSeconds(TrafficE2E::calls, sent -> sent > 150);
        awaitInTenSeconds(TrafficE2E::calls, sent -> sent > 30 && sent < 60);
    }

    @Test
    void incidentFailsAndSlowsDownHeavyComputation() {
        stack.up(Map.of("TRAFFIC_RATE", "10", "TRAFFIC_SCENARIO", "incident"), "traffic");

        // Of 50 calls in ten seconds: 6 fail at the default error rate, 30 in the incident.
        awaitInTenSeconds(() -> sum("count", HEAVY, "500"), failed -> failed > 1 && failed < 15);
        awaitInTenSeconds(() -> sum("count", HEAVY, "500"), failed -> failed > 20);
        // 20 calls of 4 s, instead of 44 of 0.75 s.
        awaitInTenSeconds(() -> sum("sum", HEAVY, "200"), millis -> millis > 60_000);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "TRAFFIC_RATE, abc, a whole number from 0 to 100",
                "TRAFFIC_RATE, -1, a whole number from 0 to 100",
                "TRAFFIC_RATE, 101, a whole number from 0 to 100",
                "TRAFFIC_RATE, 1e9, a whole number from 0 to 100",
                "TRAFFIC_SCENARIO, storm, `steady, spike or incident`",
                "TRAFFIC_URL, backend, a base URL such as http://backend:3000",
            })
    void rejectsInvalidValue(String variable, String value, String expected) {
        String[] run = {"run", "--rm", "-e", variable + "=" + value, "traffic"};

        assertThatThrownBy(() -> stack.compose(run))
                .extracting(failed -> failed.getMessage().strip())
                .isEqualTo(
                        "%s: %s: invalid value \"%s\": expected %s"
                                .formatted(String.join(" ", run), variable, value, expected));
    }

    private static void restart(String rate) {
        stack.up(Map.of("TRAFFIC_RATE", rate), "traffic");
    }

    private static void awaitCalls(double wanted) {
        await().atMost(LIMIT).ignoreExceptions().until(() -> calls() >= wanted);
    }

    /** Waits until the value has increased as expected from one look to the next. */
    private static void awaitInTenSeconds(DoubleSupplier value, DoublePredicate expected) {
        double[] seen = {Double.NaN};
        await().atMost(LIMIT)
                .pollInterval(Duration.ofSeconds(10))
                .until(
                        () -> {
                            double before = seen[0];
                            seen[0] = value.getAsDouble();
                            return expected.test(seen[0] - before);
                        });
    }

    private static double calls() {
        return calls("/") + calls(HEAVY);
    }

    /** The responses since the start of the service. */
    private static double calls(String route) {
        return sum("count", route, "");
    }

    /**
     * @param status empty for all
     */
    private static double sum(String series, String route, String status) {
        URI metrics = URI.create(stack.url("backend", 3000) + "/metrics");
        return new Exposition(Http.get(metrics).body())
                .samples("req_response_time_histogram_" + series).stream()
                        .filter(sample -> route.equals(sample.labels().get("route")))
                        .filter(sample -> sample.labels().get("status_code").startsWith(status))
                        .mapToDouble(Exposition.Sample::value)
                        .sum();
    }
}
