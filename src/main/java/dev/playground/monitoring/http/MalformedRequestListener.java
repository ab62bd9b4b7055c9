package dev.playground.monitoring.http;

import io.micronaut.http.HttpStatus;

/** Is notified of each request that Micronaut answers before any filter runs. */
public interface MalformedRequestListener {
    /**
     * Called on the event loop of the connection.
     *
     * @param status the status of the response
     */
    void onMalformedRequest(HttpStatus status);
}
