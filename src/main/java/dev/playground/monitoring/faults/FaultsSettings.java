package dev.playground.monitoring.faults;

import dev.playground.monitoring.config.Setting;
import dev.playground.monitoring.config.Settings;
import io.micronaut.context.annotation.ConfigurationProperties;

/**
 * @param enabled whether the routes of faults and of the latest log lines exist
 */
@ConfigurationProperties("faults")
record FaultsSettings(
        @Setting(variable = "FAULTS_ENABLED", expected = "true or false") boolean enabled)
        implements Settings {}
