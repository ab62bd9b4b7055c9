package dev.playground.monitoring.incidents;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** The time of a test, which only the test moves. */
final class TestClock implements InstantSource {
    private volatile Instant now = Instant.parse("2026-11-26T20:00:00Z");

    @Override
    public Instant instant() {
        return now;
    }

    /** As {@link System#nanoTime()}. */
    long nanos() {
        return Duration.between(Instant.EPOCH, now).toNanos();
    }

    void move(Duration duration) {
        now = now.plus(duration);
    }

    void moveTo(Instant time) {
        now = time;
    }
}
