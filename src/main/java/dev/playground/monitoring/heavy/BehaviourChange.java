package dev.playground.monitoring.heavy;

import io.micronaut.http.HttpRequest;

/** Changes the behaviour of calls. Without a bean of this type, the settings decide. */
public interface BehaviourChange {
    /**
     * @param normal the behaviour by the settings
     * @param call may request an outcome for itself
     */
    Behaviour apply(Behaviour normal, HttpRequest<?> call);

    /** The call has its outcome, and is answered next. */
    void ended(HttpRequest<?> call, Outcome outcome);
}
