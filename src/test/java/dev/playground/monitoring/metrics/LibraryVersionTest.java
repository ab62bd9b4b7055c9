package dev.playground.monitoring.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LibraryVersionTest {
    /** Brought by Micrometer alone, so of the version that Micrometer was built for. */
    private static final String OF_MICROMETER = "prometheus-metrics-exposition-textformats";

    @ParameterizedTest
    @ValueSource(strings = {"prometheus-metrics-core", "prometheus-metrics-instrumentation-jvm"})
    void whatThePomNamesIsOfTheVersionThatMicrometerBrings(String ours) throws IOException {
        assertThat(version(ours)).isEqualTo(version(OF_MICROMETER));
    }

    private static String version(String artifact) throws IOException {
        String file = "/META-INF/maven/io.prometheus/" + artifact + "/pom.properties";
        Properties properties = new Properties();
        try (InputStream in = LibraryVersionTest.class.getResourceAsStream(file)) {
            properties.load(in);
        }
        return properties.getProperty("version");
    }
}
