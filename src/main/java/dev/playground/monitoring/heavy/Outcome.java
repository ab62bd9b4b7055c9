package dev.playground.monitoring.heavy;

/** What one call of the simulated work results in. */
public sealed interface Outcome {
    /** A response after {@code latencyMs} milliseconds. */
    record Success(int latencyMs) implements Outcome {}

    /** An error response. */
    record Failure(String cause) implements Outcome {}

    /** No work, because of the limit of calls in flight. */
    record Rejected() implements Outcome {}
}
