package dev.playground.monitoring.config;

import static io.micronaut.context.env.PropertySource.PropertyConvention.ENVIRONMENT_VARIABLE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micronaut.context.ApplicationContext;
import io.micronaut.context.env.PropertySource;
import io.micronaut.context.env.PropertySource.Origin;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import jakarta.inject.Inject;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@MicronautTest(startApplication = false)
class SettingsCheckTest {
    private static final String PORT = "a whole number from 0 to 65535";
    private static final String MILLIS = "a whole number from 0 to 600000";
    private static final Map<String, String> EXPECTED =
            Map.of(
                    "PORT", PORT,
                    // playground:start
                    "FAULTS_ENABLED", "true or false",
                    "GRAFANA_URL",
                            "an http or https URL without a user, a query or a fragment, such as"
                                    + " http://localhost:4000",
                    // playground:end
                    "SHUTDOWN_DRAIN_MS", MILLIS,
                    "SHUTDOWN_PUSH_MS", MILLIS,
                    "HEAVY_LATENCIES_MS",
                            "whole numbers of milliseconds from 0 to 50000, separated by commas",
                    "HEAVY_ERROR_RATE", "a number from 0 to 1",
                    "HEAVY_ERROR_CAUSES", "one or more causes, separated by commas",
                    "HEAVY_MAX_IN_FLIGHT", "a whole number from 1 to 1000000",
                    "HEAVY_SEED", "a whole number or nothing");

    private static final Map<String, String> VALID =
            Map.of(
                    "PORT", "1",
                    // playground:start
                    "FAULTS_ENABLED", "true",
                    "GRAFANA_URL", "http://grafana",
                    // playground:end
                    "SHUTDOWN_DRAIN_MS", "1",
                    "SHUTDOWN_PUSH_MS", "1",
                    "HEAVY_LATENCIES_MS", "1",
                    "HEAVY_ERROR_RATE", "1",
                    "HEAVY_ERROR_CAUSES", "one",
                    "HEAVY_MAX_IN_FLIGHT", "1",
                    "HEAVY_SEED", "1");

    @Inject ApplicationContext context;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "PORT                | 0; 65535",
                // playground:start
                "FAULTS_ENABLED      | true; false",
                "GRAFANA_URL         | http://grafana; https://example.com:8443/grafana/",
                // playground:end
                "SHUTDOWN_DRAIN_MS   | 0; 600000",
                "SHUTDOWN_PUSH_MS    | 0; 600000",
                "HEAVY_LATENCIES_MS  | 0; 50000 , 1",
                "HEAVY_ERROR_RATE    | 0; 1; 1e-3",
                "HEAVY_ERROR_CAUSES  | one",
                "HEAVY_MAX_IN_FLIGHT | 1; 1000000",
                "HEAVY_SEED          | ; -9223372036854775808"
            })
    void acceptsValidValues(String variable, String values) {
        assertThat(values.split("; ?"))
                .allSatisfy(
                        value ->
                                assertThatCode(() -> check(variable, value))
                                        .doesNotThrowAnyException());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "PORT                | ;' ';' 2';'2 ';two;2.0;0x2;-1;65536;99999999999",
                // playground:start
                "FAULTS_ENABLED      | ;' ';yes;no;on;1;TRUE;'true ';maybe",
                "GRAFANA_URL         | ;grafana:4000;ftp://grafana;http://;http://a b;http://a:0;http://u@a;http://a?b;//a",
                // playground:end
                "SHUTDOWN_DRAIN_MS   | ;' ';'2 ';5s;1.5;-1;600001",
                "SHUTDOWN_PUSH_MS    | ;soon;99999999999",
                "HEAVY_LATENCIES_MS  | ;fast;100,slow;-1;50001;1.5;100,;,100;100,,200;100/200;9999999999",
                "HEAVY_ERROR_RATE    | ;often;-0.1;1.5;NaN;Infinity;0,5;50%",
                "HEAVY_ERROR_CAUSES  | ;' ';one,;one, ,two",
                "HEAVY_MAX_IN_FLIGHT | ;many;0;-1;1.5;1000001;9999999999",
                "HEAVY_SEED          | seed;1.5;9223372036854775808"
            },
            quoteCharacter = '`')
    void rejectsInvalidValues(String variable, String values) {
        assertThat(values.replace("'", "").split(";"))
                .allSatisfy(
                        value ->
                                assertThatThrownBy(() -> check(variable, value))
                                        .isInstanceOf(InvalidSettingException.class)
                                        .hasMessage(
                                                "%s: invalid value \"%s\": expected %s",
                                                variable, value, EXPECTED.get(variable)));
    }

    private void check(String variable, String value) {
        // All variables: the context keeps the values of the previous check.
        Map<String, Object> variables = new HashMap<>(VALID);
        variables.put(variable, value);
        PropertySource source =
                PropertySource.of("test", variables, ENVIRONMENT_VARIABLE, Origin.of("test"));
        context.getEnvironment().addPropertySource(source).refresh();
        new SettingsCheck(context);
    }
}
