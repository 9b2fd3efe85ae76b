/* The twin of the hot loop, `Scheduler.run_slice`: see kernel/scheduler.py.

   What is not a plain message for a sync handler goes the pure engine's way: `_step`, `_returned`,
   `_put_back`, `_leave`, and `steps`. */

#include "speed.h"

/* ------------------------------------------------------------------ a cell with one message */

/* As `Scheduler._step`, for the start of an actor; the rest is left to that. */
static int
step_one(PyObject *self, PyObject *cell, PyObject *msg)
{
    if (msg != S.start) {
        return speed_call(self, "_step", cell, msg);
    }
    if (speed_start(cell) < 0 && speed_fault(cell, msg) < 0) {
        return -1;
    }
    if (SLOT(cell, cell_first) == S.empty && SLOT(cell, cell_box) == cell
        && SLOT(self, scheduler_suspension) == Py_None) {
        PUT(cell, cell_box, Py_None);
        PUT(cell, cell_msg, Py_None);
        return 0;
    }
    return speed_call(self, "_put_back", cell, NULL);
}

/* Handle the one message of a cell, at most `left` more if it has a queue.

   1: a plain message was handled; 0: something else was, which took `used` of what is left; -1. */
static int
serve(PyObject *self, PyObject *cell, long left, long *used)
{
    PyObject *msg = SLOT(cell, cell_first); /* its reference is ours now */
    SLOT(cell, cell_first) = Py_NewRef(S.empty);
    int result = 0;
    PyObject *handler = find_handler(cell, msg);
    if (handler == NULL) {
        result = -1;
    }
    else if (handler != Py_None) {
        PyObject *actor = Py_NewRef(SLOT(cell, cell_actor)), *got = NULL;
        PUT(cell, cell_box, Py_None);
        PUT(cell, cell_msg, msg);
        if (COUNT(cell, cell_handled, 1) == 0) {
            got = handle(handler, actor, msg);
        }
        if (got == Py_None) {
            PUT(cell, cell_msg, Py_None);
            result = 1;
        }
        else if (got == NULL || speed_call(self, "_returned", cell, got) < 0) {
            result = speed_fault(cell, msg);
            if (result == 0) {
                PUT(cell, cell_msg, Py_None);
            }
        }
        Py_XDECREF(got);
        Py_DECREF(actor);
        Py_DECREF(handler);
    }
    else {
        Py_DECREF(handler);
        PUT(self, scheduler_current, cell);
        if (msg == S.empty) {
            *used = speed_turn_cell(self, cell, left);
            result = *used < 0 ? -1 : 0;
        }
        else {
            result = step_one(self, cell, msg);
        }
        if (result == 0) {
            PUT(self, scheduler_current, Py_None);
        }
    }
    Py_DECREF(msg);
    return result;
}

/* ------------------------------------------------------------------ the slice */

static double
number(PyObject *value)
{
    return PyFloat_CheckExact(value) ? PyFloat_AS_DOUBLE(value) : PyFloat_AsDouble(value);
}

static int
put_number(PyObject **slot, double value)
{
    PyObject *made = PyFloat_FromDouble(value);
    if (made == NULL) {
        return -1;
    }
    Py_SETREF(*slot, made);
    return 0;
}

/* How many messages may be handled before the next look at the clock; -1 with an error. */
static long
next_credit(PyObject *self, long handled, double slices)
{
    PyObject *credit = PyObject_CallMethod(S.scheduler_module, "next_credit", "ld", handled, slices);
    if (credit == NULL) {
        return -1;
    }
    Py_SETREF(SLOT(self, scheduler_credit), credit);
    return PyLong_AsLong(credit);
}

/* As `RunQueue.next_of`: where the next batch comes from. */
static PyObject *
next_of(PyObject *self, PyObject *queue, PyObject *lane)
{
    int hasty = Py_SIZE(lane) != 0 && SLOT(self, scheduler_hasty) != Py_True;
    PUT(self, scheduler_hasty, hasty ? Py_True : Py_False);
    return hasty ? lane : queue;
}

/* Until the slice is spent, nothing is ready, or a handler suspends; -1 with an error. */
static int
run(PyObject *self, PyObject *queue, PyObject *lane, double start)
{
    PyObject *ready = next_of(self, queue, lane);
    double slice = number(SLOT(self, scheduler_slice));
    long left = PyLong_AsLong(SLOT(self, scheduler_credit));
    if (PyErr_Occurred()) {
        return -1;
    }
    while (Py_SIZE(ready)) {
        long used = 0;
        while (left > 0 && Py_SIZE(ready)) {
            left--;
            PyObject *cell = S.deque_popleft(ready, NULL);
            if (cell == NULL) {
                return -1;
            }
            if (!IS_CELL(cell)) {
                PyErr_SetString(PyExc_TypeError, "there is no cell in the run queue");
                Py_DECREF(cell);
                return -1;
            }
            int plain = serve(self, cell, left, &used);
            Py_DECREF(cell);
            if (plain < 0) {
                return -1;
            }
            if (!plain && (used || SLOT(self, scheduler_suspension) != Py_None)) {
                break;
            }
        }
        if (SLOT(self, scheduler_suspension) != Py_None) {
            break;
        }
        left -= used;
        if (left <= 0) {
            double now = speed_clock();
            if (now < 0.0 && PyErr_Occurred()) {
                return -1;
            }
            long credit = PyLong_AsLong(SLOT(self, scheduler_credit));
            left = next_credit(self, credit - left, (now - start) / slice);
            if (left < 0) {
                return -1;
            }
            if (now >= number(SLOT(self, scheduler_slice_end))) {
                break;
            }
            start = now;
            ready = next_of(self, queue, lane);
        }
        else if (ready == lane && Py_SIZE(lane) == 0) {
            ready = queue;
        }
    }
    return 0;
}

PyObject *
speed_run_slice(PyObject *self, PyObject *const *args, Py_ssize_t n, PyObject *names)
{
    if (!LOADED()) {
        return NULL;
    }
    int fresh = 1;
    Py_ssize_t keywords = names == NULL ? 0 : PyTuple_GET_SIZE(names);
    if (n != 0 || keywords > 1
        || (keywords == 1
            && PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(names, 0), "fresh") != 0)) {
        PyErr_SetString(PyExc_TypeError, "run_slice() takes one argument, fresh=");
        return NULL;
    }
    if (keywords == 1 && (fresh = PyObject_IsTrue(args[0])) < 0) {
        return NULL;
    }
    PyObject *ready = IS_SCHEDULER(self) ? SLOT(self, scheduler_ready) : Py_None;
    PyObject *lane = IS_SCHEDULER(self) ? SLOT(self, scheduler_lane) : Py_None;
    if (!Py_IS_TYPE(ready, S.deque) || !Py_IS_TYPE(lane, S.deque)
        || !Py_IS_TYPE(self, S.scheduler)) {
        PyObject *all[] = {self, keywords ? args[0] : NULL};
        return PyObject_Vectorcall(S.pure_run_slice, all, 1, names);
    }
    double start = speed_clock();
    if (start < 0.0 && PyErr_Occurred()) {
        return NULL;
    }
    if (fresh) {
        double slice = number(SLOT(self, scheduler_slice));
        if (put_number(&SLOT(self, scheduler_slice_end), start + slice) < 0) {
            return NULL;
        }
    }
    else if (start >= number(SLOT(self, scheduler_slice_end))) {
        Py_RETURN_NONE;
    }
    PUT(self, scheduler_slicing, Py_True);
    Py_INCREF(ready);
    Py_INCREF(lane);
    int done = run(self, ready, lane, start);
    int rare = SLOT(self, scheduler_suspension) != Py_None
        || (Py_SIZE(lane) != 0 && Py_SIZE(ready) == 0); /* the queue ended before the lane's turn */
    Py_DECREF(lane);
    Py_DECREF(ready);
    if (done < 0) {
        return NULL;
    }
    if (rare) {
        return PyObject_CallMethod(self, "_leave", NULL);
    }
    PUT(self, scheduler_current, Py_None);
    PUT(self, scheduler_slicing, Py_False);
    Py_RETURN_NONE;
}
