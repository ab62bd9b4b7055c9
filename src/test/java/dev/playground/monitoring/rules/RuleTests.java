package dev.playground.monitoring.rules;

import dev.playground.monitoring.testkit.Project;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The files that {@code promtool test rules} reads. */
public final class RuleTests {
    private RuleTests() {}

    static List<Path> files() {
        return Project.list(Path.of("src/test/resources/rules"));
    }

    static List<Map<String, Object>> cases() {
        return files().stream()
                .flatMap(file -> Project.maps(Project.yaml(file), "tests").stream())
                .toList();
    }

    static Stream<Moment> moments(Rule alert) {
        return cases().stream().flatMap(test -> moments(test, alert));
    }

    static Stream<Moment> moments(Map<String, Object> test, Rule alert) {
        return Project.maps(test, "alert_rule_test").stream()
                .filter(moment -> moment.get("alertname").equals(alert.name()))
                .map(
                        moment ->
                                new Moment(
                                        (String) test.get("name"),
                                        (String) moment.get("eval_time"),
                                        !Project.maps(moment, "exp_alerts").isEmpty()));
    }

    /** The first moment of all at which the alert is expected to fire. */
    public static Optional<Moment> firing(Rule alert) {
        return moments(alert).filter(Moment::fires).findFirst();
    }

    /**
     * What a test expects of one alert at one moment.
     *
     * @param test its name
     * @param written the time as written there
     */
    public record Moment(String test, String written, boolean fires) {
        /** "1m30s" and the like are java.time's own format without its prefix. */
        Duration time() {
            return Duration.parse("PT" + written);
        }
    }
}
