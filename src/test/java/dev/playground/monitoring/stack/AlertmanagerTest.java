package dev.playground.monitoring.stack;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What Alertmanager's own checker says of its two files. */
class AlertmanagerTest {
    @ParameterizedTest
    @ValueSource(strings = {"alertmanager.yml", "webhook.yml"})
    void amtoolAcceptsTheFile(String file) {
        PrometheusProgram.Result check =
                PrometheusProgram.amtool()
                        .run(
                                "check-config",
                                Project.FILES.resolve("alertmanager").resolve(file).toString());

        assertThat(check.exitCode()).as(check.output()).isZero();
    }
}
