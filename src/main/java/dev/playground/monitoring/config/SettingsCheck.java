package dev.playground.monitoring.config;

import io.micronaut.context.ApplicationContext;
import io.micronaut.context.annotation.Context;
import io.micronaut.context.annotation.Property;
import io.micronaut.core.annotation.AnnotationValue;
import io.micronaut.core.annotation.Order;
import io.micronaut.core.convert.ArgumentConversionContext;
import io.micronaut.core.convert.ConversionContext;
import io.micronaut.core.order.Ordered;
import io.micronaut.core.type.Argument;
import io.micronaut.inject.BeanDefinition;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Checks all {@link Settings} before they are bound. Micronaut's own error names a constructor
 * parameter instead of the variable, and an invalid value of a nullable one is not an error.
 */
@Context
@Order(Ordered.HIGHEST_PRECEDENCE)
public final class SettingsCheck {
    SettingsCheck(ApplicationContext context) {
        for (BeanDefinition<Settings> settings : context.getBeanDefinitions(Settings.class)) {
            for (Argument<?> component : settings.getConstructor().getArguments()) {
                check(context, component);
            }
        }
    }

    /**
     * Micronaut would resolve <code>${name}</code> in a value as a reference to another setting.
     */
    public static void rejectPlaceholders(Map<String, String> environment) {
        environment.forEach(
                (variable, value) -> {
                    if (variable.matches(
                                    "PORT"
                                            // playground:start
                                            + "|FAULTS_.*|(GRAFANA|PROMETHEUS|ALERTMANAGER)_URL"
                                            // playground:end
                                            + "|(HEAVY|SHUTDOWN)_.*")
                            && value.contains("${")) {
                        throw new InvalidSettingException(
                                variable, value, "a value without \"${\"");
                    }
                });
    }

    private static void check(ApplicationContext context, Argument<?> component) {
        String property =
                component.getAnnotationMetadata().stringValue(Property.class, "name").orElseThrow();
        AnnotationValue<Setting> setting =
                component.getAnnotationMetadata().getAnnotation(Setting.class);
        ArgumentConversionContext<?> conversion = ConversionContext.of(component);
        Optional<?> value = context.getProperty(property, conversion);
        if (component.getType() == boolean.class) {
            // Micronaut converts any other text to false, and some to true.
            value =
                    context.getProperty(property, String.class)
                            .filter(text -> text.matches("true|false"));
        }
        boolean valid =
                value.map(v -> inBounds(v, setting))
                        .orElse(component.isNullable() && conversion.getLastError().isEmpty());
        if (!valid) {
            String variable = setting.stringValue("variable").orElseThrow();
            throw new InvalidSettingException(
                    variable,
                    context.getProperty(variable, String.class).orElse(""),
                    setting.stringValue("expected").orElseThrow());
        }
    }

    private static boolean inBounds(Object value, AnnotationValue<Setting> setting) {
        if (value instanceof List<?> list) {
            return !list.isEmpty() && list.stream().allMatch(item -> inBounds(item, setting));
        }
        if (value instanceof Duration duration) {
            return inBounds(duration.toMillis(), setting);
        }
        if (value instanceof URI uri) {
            return isHttpUrl(uri);
        }
        // Not in bounds: NaN.
        return !(value instanceof Number number)
                || number.doubleValue()
                                >= setting.doubleValue("min").orElse(Double.NEGATIVE_INFINITY)
                        && number.doubleValue()
                                <= setting.doubleValue("max").orElse(Double.POSITIVE_INFINITY);
    }

    /**
     * Whether it is the URL of a server: without a user, whose password a log or page would show.
     */
    public static boolean isHttpUrl(URI uri) {
        return uri.isAbsolute()
                && uri.getScheme().matches("https?")
                && uri.getHost() != null
                && (uri.getPort() == -1 || uri.getPort() >= 1 && uri.getPort() <= 65_535)
                && uri.getUserInfo() == null
                && uri.getQuery() == null
                && uri.getFragment() == null;
    }
}
