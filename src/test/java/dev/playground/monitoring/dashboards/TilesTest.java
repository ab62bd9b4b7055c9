package dev.playground.monitoring.dashboards;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.playground.monitoring.testkit.Exposition;
import dev.playground.monitoring.testkit.Http;
import dev.playground.monitoring.testkit.Json;
import io.micronaut.context.annotation.Value;
import io.micronaut.json.tree.JsonNode;
import io.micronaut.runtime.server.EmbeddedServer;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import jakarta.inject.Inject;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * What the service does by default leaves the tiles that have a limit green, and trouble does not.
 */
@MicronautTest
class TilesTest {
    @Inject EmbeddedServer server;

    @Value("${heavy.latencies-ms}")
    String latenciesMs;

    @Value("${heavy.error-rate}")
    double errorRate;

    @Test
    void theErrorsOfTheDefaultAreGreen() {
        assertThat(color("Error ratio", errorRate)).isEqualTo("green");
        assertThat(color("Projected error budget", 1 - errorRate / 0.20)).isEqualTo("green");
        assertThat(color("Error budget left (7 days)", 1 - errorRate / 0.20)).isEqualTo("green");
        assertThat(color("Error ratio", 2 * errorRate)).isEqualTo("red");
    }

    @Test
    void theLatenciesOfTheDefaultAreGreen() {
        double p95 = percentile95();

        assertThat(p95).isCloseTo(2500, within(250.0));
        assertThat(color("p95 latency", p95)).isEqualTo("green");
    }

    @Test
    void theInstancesAreGreenOnlyWhenEachAnswers() {
        assertThat(color("Instances up", 1)).isEqualTo("green");
        assertThat(color("Instances up", 0.99)).isEqualTo("red");
        assertThat(color("Instances up", 0)).isEqualTo("red");
    }

    /** Of an endless number of calls, as histogram_quantile reads it from the service's buckets. */
    private double percentile95() {
        TreeMap<Double, Double> shares = new TreeMap<>();
        bounds().forEach(bound -> shares.put(bound, 0.0));
        // At once, and each latency a little later than drawn.
        shares.merge(shares.firstKey(), errorRate, Double::sum);
        String[] latencies = latenciesMs.split(", ");
        for (String latency : latencies) {
            shares.merge(
                    shares.higherKey(Double.valueOf(latency)),
                    (1 - errorRate) / latencies.length,
                    Double::sum);
        }
        double below = 0;
        for (double bound : shares.keySet()) {
            double share = shares.get(bound);
            if (below + share >= 0.95) {
                double lower = shares.lowerKey(bound);
                return lower + (bound - lower) * (0.95 - below) / share;
            }
            below += share;
        }
        throw new IllegalStateException();
    }

    private List<Double> bounds() {
        Http.get(server.getURI());
        return new Exposition(Http.get(server.getURI().resolve("/metrics")).body())
                .samples("req_response_time_histogram_bucket").stream()
                        .filter(bucket -> bucket.labels().get("route").equals("/"))
                        .map(bucket -> bucket.labels().get("le").replace("+Inf", "Infinity"))
                        .map(Double::valueOf)
                        .toList();
    }

    private static String color(String title, double value) {
        JsonNode tile =
                Dashboard.all().stream()
                        .filter(dashboard -> dashboard.uid().equals("service"))
                        .flatMap(dashboard -> dashboard.panels().stream())
                        .filter(panel -> panel.title().equals(title))
                        .findFirst()
                        .orElseThrow()
                        .json();
        String color = "";
        for (JsonNode step : Json.list(tile, "fieldConfig", "defaults", "thresholds", "steps")) {
            // The first has no value: it is for all that is less.
            if (step.get("value").isNull() || step.get("value").getDoubleValue() <= value) {
                color = Json.string(step, "color");
            }
        }
        return color;
    }
}
