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
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The traffic of docker-compose.yml. Runs by {@code mvn -Pe2e verify}. */
class TrafficE2E {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    @AutoClose private static ComposeStack stack;

    @BeforeAll
    static void start() {
        stack = ComposeStack.start("backend", "traffic");
        stack.assume("traffic");
    }

    @Test
    void callsBothRoutesAtTheRateAlsoAfterRestartOfBackend() {
        restart("5");
        stack.compose("restart", "backend");
        awaitCalls(10);

        long since = System.nanoTime();
        double home = calls("/");
        double heavy = calls("/heavy-computation");
        awaitCalls(home + heavy + 100);
        double seconds = (System.nanoTime() - since) / 1e9;

        assertThat((calls("/") - home) / seconds).isCloseTo(2.5, withinPercentage(20));
        assertThat((calls("/heavy-computation") - heavy) / seconds)
                .isCloseTo(2.5, withinPercentage(20));
    }

    @Test
    void rateZeroKeepsRunningAndSendsNothing() {
        restart("0");

        double[] seen = {-1};
        await().atMost(LIMIT)
                .pollInterval(Duration.ofSeconds(5)) // 25 calls at the default rate
                .until(
                        () -> {
                            double before = seen[0];
                            seen[0] = calls("/") + calls("/heavy-computation");
                            return seen[0] == before;
                        });
        assertThat(stack.compose("ps", "traffic")).contains("(healthy)");
        assertThat(stack.compose("logs", "--no-log-prefix", "--tail", "1", "traffic"))
                .startsWith("0 calls per second");
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
        await().atMost(LIMIT)
                .ignoreExceptions()
                .until(() -> calls("/") + calls("/heavy-computation") >= wanted);
    }

    /** The responses since the start of the service. */
    private static double calls(String route) {
        URI metrics = URI.create(stack.url("backend", 3000) + "/metrics");
        return new Exposition(Http.get(metrics).body())
                .samples("req_response_time_histogram_count").stream()
                        .filter(sample -> route.equals(sample.labels().get("route")))
                        .mapToDouble(Exposition.Sample::value)
                        .sum();
    }
}
