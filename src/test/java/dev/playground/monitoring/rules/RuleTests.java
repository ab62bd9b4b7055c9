package dev.playground.monitoring.rules;

import dev.playground.monitoring.testkit.Project;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The files that {@code promtool test rules} reads. */
public final class RuleTests {
    private static final Path FOLDER = Project.TOP.resolve("src/test/resources/rules");

    private RuleTests() {}

    /**
     * What a test expects of one alert at one moment.
     *
     * @param test its name
     * @param written the time as it stands there
     */
    public record Moment(String test, String written, String alert, boolean fires) {
        /** Of "1m30s" and the like; java.time's own format is that, but for the prefix. */
        Duration time() {
            return Duration.parse("PT" + written);
        }
    }

    public static Stream<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.sorted().toList().stream();
        }
    }

    public static Stream<Map<String, Object>> cases() throws IOException {
        return files().flatMap(file -> Project.maps(Project.yaml(file), "tests").stream());
    }

    public static Stream<Moment> moments(Map<String, Object> test) {
        return Project.maps(test, "alert_rule_test").stream()
                .map(
                        moment ->
                                new Moment(
                                        (String) test.get("name"),
                                        (String) moment.get("eval_time"),
                                        (String) moment.get("alertname"),
                                        !Project.maps(moment, "exp_alerts").isEmpty()));
    }

    /** The first moment of all at which the alert is expected to fire. */
    public static Optional<Moment> firing(Rule alert) throws IOException {
        return cases().flatMap(RuleTests::moments)
                .filter(moment -> moment.fires() && moment.alert().equals(alert.name()))
                .findFirst();
    }
}
