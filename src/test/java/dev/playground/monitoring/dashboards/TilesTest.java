package dev.playground.monitoring.dashboards;

import static org.assertj.core.api.Assertions.assertThat;

import dev.playground.monitoring.testkit.Project;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The colours of the service dashboard's tiles, by the ids of their panels. */
class TilesTest {
    private static final int ERROR_RATIO = 4;
    private static final int PROJECTED_ERROR_BUDGET = 6;
    private static final int ERROR_BUDGET = 23;

    /** That of the rules: one call in five may fail. */
    private static final double OBJECTIVE = 0.20;

    private static final double ERROR_RATE =
            (double)
                    Project.map(
                                    Project.yaml(Path.of("src/main/resources/application.yml")),
                                    "heavy")
                            .get("error-rate");

    @Test
    void errorTilesAreGreenAtTheDefaultErrorRate() {
        assertThat(color(ERROR_RATIO, ERROR_RATE)).isEqualTo("green");
        assertThat(color(PROJECTED_ERROR_BUDGET, 1 - ERROR_RATE / OBJECTIVE)).isEqualTo("green");
        assertThat(color(ERROR_BUDGET, 1 - ERROR_RATE / OBJECTIVE)).isEqualTo("green");
    }

    @Test
    void errorRatioIsRedAtTwiceTheDefault() {
        assertThat(color(ERROR_RATIO, 2 * ERROR_RATE)).isEqualTo("red");
    }

    @ParameterizedTest
    @CsvSource({"1, green", "0.99, red", "0, red"})
    void instancesUpIsGreenAt100Percent(double share, String color) {
        assertThat(color(Dashboard.INSTANCES_UP, share)).isEqualTo(color);
    }

    private static String color(int id, double value) {
        return Dashboard.panel("service", id).color(value);
    }
}
