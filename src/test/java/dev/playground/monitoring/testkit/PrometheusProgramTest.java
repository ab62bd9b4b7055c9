package dev.playground.monitoring.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrometheusProgramTest {
    @ParameterizedTest
    @CsvSource({
        "'prometheus, version 2.42.0+ds (branch: debian/sid)', 3, 0, false",
        "'promtool, version 2.53.3+ds1', 3, 0, false",
        "'promtool, version 3.0.0 (branch: HEAD)', 3, 0, true",
        "'prometheus, version 3.5.3 (branch: HEAD)', 3, 0, true",
        "'prometheus, version 12.0.0', 3, 1, true",
        "'amtool, version 0.25.0 (branch: debian/sid)', 0, 26, false",
        "'amtool, version 0.26.0', 0, 26, true",
        "'something else', 0, 0, false",
    })
    void takesEachVersionFromTheOldestOn(String version, int major, int minor, boolean recent) {
        assertThat(PrometheusProgram.isRecent(version, major, minor)).isEqualTo(recent);
    }
}
