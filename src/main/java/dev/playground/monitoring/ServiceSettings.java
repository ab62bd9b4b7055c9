package dev.playground.monitoring;

import dev.playground.monitoring.config.Setting;
import dev.playground.monitoring.config.Settings;
import io.micronaut.context.annotation.ConfigurationProperties;
import java.time.Duration;

/**
 * Port and shutdown.
 *
 * @param drain how long requests in flight may take to finish
 * @param push how long the log appender may then take to push the remaining lines
 */
@ConfigurationProperties("service")
record ServiceSettings(
        @Setting(
                        variable = "PORT",
                        expected = "a whole number from 0 to " + MAX_PORT,
                        min = 0,
                        max = MAX_PORT)
                int port,
        @Setting(variable = "SHUTDOWN_DRAIN_MS", expected = MILLIS, min = 0, max = MAX_MS)
                Duration drain,
        @Setting(variable = "SHUTDOWN_PUSH_MS", expected = MILLIS, min = 0, max = MAX_MS)
                Duration push)
        implements Settings {
    private static final int MAX_PORT = 65_535;
    private static final int MAX_MS = 600_000;
    private static final String MILLIS = "a whole number from 0 to " + MAX_MS;
}
