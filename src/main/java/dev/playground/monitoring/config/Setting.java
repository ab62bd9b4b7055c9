package dev.playground.monitoring.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** What {@link SettingsCheck} requires of a component of {@link Settings}, and how it names it. */
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.RECORD_COMPONENT, ElementType.PARAMETER})
public @interface Setting {
    /** The environment variable. */
    String variable();

    /** What it accepts, such as "a number from 0 to 1". */
    String expected();

    /**
     * Bounds, both valid, of a number, of a duration in milliseconds, or of each item of a list.
     */
    double min() default Double.NEGATIVE_INFINITY;

    double max() default Double.POSITIVE_INFINITY;
}
