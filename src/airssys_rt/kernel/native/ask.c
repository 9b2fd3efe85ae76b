/* The twin of the shortest way of an ask: see `ActorRef.ask` and `inline.ask_directly`.

   It is taken when the one asked is idle, nothing else is ready and the time slice has something
   left: then an ask is one call of the handler.  In all other cases nothing has been done yet, and
   the pure `ask` does it. */

#include "speed.h"

#define NOT_NOW return Py_NewRef(S.not_now)

static int
positive(PyObject *timeout)
{
    if (timeout == Py_None) {
        return 1;
    }
    if (PyFloat_CheckExact(timeout)) {
        return PyFloat_AS_DOUBLE(timeout) > 0.0;
    }
    if (PyLong_CheckExact(timeout)) {
        int overflow;
        return PyLong_AsLongAndOverflow(timeout, &overflow) > 0;
    }
    return 0; /* whatever else it is */
}

/* The `Call` of the ask, made now: there is more to it than a reply. */
static PyObject *
made_call(PyObject *scheduler, PyObject *cell)
{
    PyObject *made = SLOT(scheduler, scheduler_made);
    if (made != Py_None) {
        return Py_NewRef(made);
    }
    return PyObject_CallMethod(S.stash_module, "current_item", "O", cell);
}

/* The handler is over with a result, or NULL and an error: the reply, or the `Call`. */
static PyObject *
outcome(PyObject *scheduler, PyObject *cell, PyObject *msg, PyObject *result)
{
    PyObject *made = NULL;
    if (result != NULL) {
        PyTypeObject *kind = Py_TYPE(result);
        if (SLOT(cell, cell_msg) == msg && kind != S.later && kind != S.reply_to
            && kind != &PyCoro_Type) {
            return result;
        }
        made = made_call(scheduler, cell);
        PyObject *done = made == NULL
            ? NULL
            : PyObject_CallMethod(S.steps, "answered_inline", "OOO", cell, made, result);
        Py_DECREF(result);
        if (done != NULL) {
            Py_DECREF(done);
            return made;
        }
        Py_XDECREF(made);
    }
    /* the same in an `except` block */
    PyObject *error = speed_raised();
    made = made_call(scheduler, cell);
    if (made == NULL) {
        Py_DECREF(error);
        return NULL;
    }
    speed_raise(error);
    if (speed_fault(cell, made) < 0) {
        Py_CLEAR(made);
    }
    return made;
}

/* The asked actor is over with the request: it rests, or is queued for what came meanwhile. */
static int
settle(PyObject *scheduler, PyObject *cell)
{
    if (SLOT(cell, cell_suspension) == Py_None) {
        PUT(cell, cell_msg, Py_None);
        int rests = speed_rest(cell);
        if (rests < 0 || (!rests && push_back(SLOT(scheduler, scheduler_ready), cell) < 0)) {
            return -1;
        }
    }
    if (Py_SIZE(SLOT(scheduler, scheduler_ready))
        && PyLong_AsLong(SLOT(scheduler, scheduler_awake)) == 0) {
        PyObject *done = PyObject_CallMethod(SLOT(scheduler, scheduler_port), "unpark", NULL);
        Py_XDECREF(done);
        return done == NULL ? -1 : 0;
    }
    return 0;
}

static PyObject *
ask_directly(PyObject *scheduler, PyObject *cell, PyObject *msg, PyObject *handler)
{
    PyObject *asker = Py_NewRef(SLOT(scheduler, scheduler_current));
    PyObject *actor = Py_NewRef(SLOT(cell, cell_actor)), *result = NULL;
    PUT(cell, cell_msg, msg);
    PUT(scheduler, scheduler_current, cell);
    PUT(scheduler, scheduler_asked, cell);
    PUT(scheduler, scheduler_asker, asker);
    if (COUNT(cell, cell_handled, 1) == 0 && COUNT(scheduler, scheduler_awake, 1) == 0) {
        result = outcome(scheduler, cell, msg, handle(handler, actor, msg));
    }
    Py_DECREF(actor);
    if (result != NULL) {
        PUT(scheduler, scheduler_asked, Py_None);
        PUT(scheduler, scheduler_made, Py_None);
        PUT(scheduler, scheduler_current, asker);
        if (COUNT(scheduler, scheduler_awake, -1) < 0 || settle(scheduler, cell) < 0) {
            Py_CLEAR(result);
        }
    }
    Py_DECREF(asker);
    return result;
}

PyObject *
speed_ask_now(PyObject *module, PyObject *const *args, Py_ssize_t n)
{
    if (!LOADED()) {
        return NULL;
    }
    if (n != 3) {
        PyErr_SetString(PyExc_TypeError, "ask_now() takes 3 arguments");
        return NULL;
    }
    PyObject *ref = args[0], *msg = args[1];
    if (!Py_IS_TYPE(ref, S.ref) || !positive(args[2])) {
        NOT_NOW;
    }
    PyObject *cell = SLOT(ref, ref__cell);
    if (cell == NULL || !IS_CELL(cell) || SLOT(cell, cell_box) != Py_None) {
        NOT_NOW;
    }
    PyObject *scheduler = SLOT(cell, cell_scheduler);
    if (!IS_SCHEDULER(scheduler) || SLOT(scheduler, scheduler_inline) != Py_True
        || !Py_IS_TYPE(SLOT(scheduler, scheduler_ready), S.deque)
        || Py_SIZE(SLOT(scheduler, scheduler_ready)) != 0) {
        NOT_NOW;
    }
    PyObject *asker = SLOT(scheduler, scheduler_current);
    if (asker == Py_None ? SLOT(scheduler, scheduler_slicing) != Py_False
                         : SLOT(cell, cell_waiting) != Py_None || cell == asker) {
        NOT_NOW;
    }
    PyObject *inbox = SLOT(scheduler, scheduler_inbox);
    if (!IS(inbox, inbox) || SLOT(inbox, inbox__actions) == NULL
        || !PyList_CheckExact(SLOT(inbox, inbox__actions))
        || PyList_GET_SIZE(SLOT(inbox, inbox__actions)) != 0) {
        NOT_NOW;
    }
    int at_home = speed_at_home(scheduler);
    if (at_home <= 0) {
        if (at_home < 0) {
            return NULL;
        }
        NOT_NOW;
    }
    double now = speed_clock();
    if (now < 0.0 && PyErr_Occurred()) {
        return NULL;
    }
    PyObject *end = SLOT(scheduler, scheduler_slice_end);
    if (!PyFloat_CheckExact(end) || now >= PyFloat_AS_DOUBLE(end)) {
        NOT_NOW;
    }
    PyObject *handler = find_handler(cell, msg);
    if (handler == NULL) {
        return NULL;
    }
    if (handler == Py_None || SLOT(cell, cell_box) != Py_None) {
        Py_DECREF(handler);
        NOT_NOW;
    }
    Py_INCREF(cell);
    Py_INCREF(scheduler);
    PUT(cell, cell_box, cell); /* busy: what is told to it now waits */
    PyObject *result = ask_directly(scheduler, cell, msg, handler);
    Py_DECREF(handler);
    Py_DECREF(scheduler);
    Py_DECREF(cell);
    return result;
}
