package dev.playground.monitoring.metrics;

import dev.playground.monitoring.http.MalformedRequestListener;
import io.micronaut.http.HttpStatus;
import jakarta.inject.Singleton;

/** Records the requests that {@link ResponseTimeFilter} never sees. */
@Singleton
record MalformedRequestCounter(ResponseTimes responseTimes) implements MalformedRequestListener {
    @Override
    public void onMalformedRequest(HttpStatus status) {
        // Netty sets a placeholder for a method that it could not parse.
        responseTimes.record(
                ResponseTimes.OTHER_METHOD, ResponseTimes.UNMATCHED, status.getCode(), 0, null);
    }
}
