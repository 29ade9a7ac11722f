"""One small simulated plant: orders with routing, bookings, components, defects and stoppages.

Every row is a dictionary keyed by the fields of the ontology (plus a few extra keys that no field has).
Hours are hours, times per piece are seconds, money is in one currency; the renderer turns them into
what a system writes. What holds in every row: dates are in order, good + scrap = made, what an operation
gets is what the one before passed on, hours x rate = cost, price x quantity = revenue.
"""

import random
from datetime import datetime, timedelta

import words


def add_hours(moment, hours):
    """Working time: weekdays, 06:00 to 22:00."""
    left = hours
    while True:
        if moment.weekday() >= 5:
            moment = (moment + timedelta(days=7 - moment.weekday())).replace(hour=6, minute=0, second=0)
        if moment.hour < 6:
            moment = moment.replace(hour=6, minute=0, second=0)
        end = moment.replace(hour=22, minute=0, second=0)
        room = (end - moment).total_seconds() / 3600
        if room <= 0:
            moment = (moment + timedelta(days=1)).replace(hour=6, minute=0, second=0)
        elif left <= room:
            return (moment + timedelta(hours=left)).replace(microsecond=0)
        else:
            left -= room
            moment = (moment + timedelta(days=1)).replace(hour=6, minute=0, second=0)


def day(moment):
    return moment.replace(hour=0, minute=0, second=0)


class Plant:
    def __init__(self, seed, language, orders, start):
        self.rng = random.Random(seed)
        self.lang = language
        self.start = start
        r = self.rng
        steps = words.STEPS[language]
        self.centers = [
            dict(operation_name=s[0], work_center_name=s[1], machine_name=s[2], department=s[3], number=i + 1,
                 labor=round(r.uniform(24, 46), 2), machine=round(r.uniform(12, 70), 2))
            for i, s in enumerate(steps)
        ]
        self.parts = []
        for index, name in enumerate(words.PARTS[language]):
            chosen = sorted(r.sample(range(5), r.randint(2, 3))) + [5]
            self.parts.append(dict(
                index=index, name=name, number=r.randint(101, 989) * 100 + index,
                routing=[(c, round(r.uniform(0.25, 1.75) * 4) / 4, r.randint(3, 48) * 5) for c in chosen],
                material=round(r.uniform(2, 60), 2), family=r.randrange(3), revision=r.choice("ABCD")))
        self.orders = [self.order(i, orders) for i in range(orders)]

    def order(self, i, total):
        r, lang = self.rng, self.lang
        part = r.choice(self.parts)
        quantity = r.choice([10, 20, 25, 40, 50, 60, 80, 100, 120, 150, 200, 250])
        ordered = add_hours(self.start + timedelta(days=i * 120 / total), r.uniform(2, 11))
        released = add_hours(ordered, r.uniform(8, 60))
        planned_start = add_hours(day(released) + timedelta(days=r.randint(1, 5)), 0.01).replace(minute=0, second=0)
        age = i / total
        state = 4 if age < 0.45 else 3 if age < 0.72 else 2 if age < 0.87 else 1 if age < 0.95 else 0
        customer = r.randrange(5)
        o = {
            "work_order_number": 4100 + 2 * i + r.choice([0, 0, 1]), "part_number": part["number"], "product_name": part["name"],
            "product_family": words.FAMILIES[lang][part["family"]], "family_number": part["family"] + 1,
            "product_revision": part["revision"], "customer_number": 1040 + customer * 17,
            "customer_name": words.CUSTOMERS[lang][customer], "sales_order_number": r.randint(20100, 20990),
            "sales_line": r.choice([1, 2, 3]) * 10, "project_number": r.randint(11, 19), "priority": r.choice([1, 2, 3, 3, 5]),
            "planner": r.randrange(3), "order_date": ordered, "release_date": released if state else None,
            "planned_release_date": day(released), "quantity_ordered": quantity, "state": state,
            "lot_number": r.randint(240000, 249999), "unit_of_measure": words.UNITS[lang], "warehouse": r.choice([1, 1, 2]),
            "facility": r.choice([1, 1, 1, 2]), "kind": r.choice([0, 0, 0, 0, 1, 2]), "assembly_sequence": 0,
            "planned_start": planned_start,
        }
        o["parent_number"] = o["work_order_number"] - 1 if r.random() < 0.2 else None
        ops, plan, actual, arriving = [], planned_start, add_hours(planned_start, r.uniform(-1, 1) + 2), quantity
        reached = {4: 99, 3: 99, 2: r.randint(1, len(part["routing"]) - 1), 1: 0, 0: 0}[state]
        for n, (c, setup, seconds) in enumerate(part["routing"]):
            center = self.centers[c]
            run = round(seconds * quantity / 3600, 2)
            op = dict(center=center, operation_sequence=(n + 1) * 10, planned_setup_hours=setup, planned_run_hours=run,
                      standard_cycle_time=seconds, standard_rate=round(3600 / seconds, 2), operation_planned_start=plan,
                      queue_hours=r.choice([2, 4, 8]), move_hours=r.choice([0.5, 1]), wait_hours=r.choice([0, 1]), done=n < reached)
            plan = op["operation_planned_end"] = add_hours(plan, setup + run)
            op["next_start"] = plan = add_hours(plan, op["queue_hours"] / 2)
            op["operation_quantity_in"] = arriving
            if op["done"]:
                scrap = min(arriving - 1, sum(r.random() < 0.025 for _ in range(arriving)))
                rework = sum(r.random() < 0.012 for _ in range(arriving))
                aset = round(setup * r.uniform(0.7, 1.7), 2)
                arun = round(seconds * arriving / 3600 * r.uniform(0.85, 1.45), 2)
                op.update(operation_quantity_completed=arriving - scrap, operation_quantity_scrapped=scrap,
                          operation_quantity_reworked=rework, actual_setup_hours=aset, actual_run_hours=arun,
                          operation_actual_start=actual, rework_hours=round(rework * seconds / 3600, 2))
                actual = op["operation_actual_end"] = add_hours(actual, aset + arun)
                actual = add_hours(actual, r.uniform(0.5, 12))
                arriving -= scrap
            else:
                op.update(operation_quantity_completed=0, operation_quantity_scrapped=0, operation_quantity_reworked=0,
                          actual_setup_hours=0.0, actual_run_hours=0.0, operation_actual_start=None, operation_actual_end=None,
                          rework_hours=0.0)
            op["labor_rate"], op["machine_rate"] = center["labor"], center["machine"]
            op["planned_hours"] = round(setup + run, 2)
            op["actual_hours"] = round(op["actual_setup_hours"] + op["actual_run_hours"], 2)
            ops.append(op)
        o["ops"] = ops
        finished = state >= 3
        started = any(op["done"] for op in ops)
        o["planned_end"] = ops[-1]["operation_planned_end"]
        o["due_date"] = day(o["planned_end"]) + timedelta(days=r.randint(0, 4))
        o["required_date"] = o["due_date"] + timedelta(days=r.randint(0, 2))
        o["promised_date"] = o["due_date"] + timedelta(days=r.randint(1, 4))
        o["original_due_date"] = o["due_date"] - timedelta(days=r.choice([0, 0, 0, 3, 7]))
        o["actual_start"] = ops[0]["operation_actual_start"] if started else None
        o["actual_end"] = ops[-1]["operation_actual_end"] if finished else None
        o["close_date"] = add_hours(o["actual_end"], r.uniform(8, 60)) if state == 4 else None
        o["ship_date"] = add_hours(o["actual_end"], r.uniform(10, 40)) if finished else None
        o["quantity_completed"] = ops[-1]["operation_quantity_completed"] if finished else 0
        o["quantity_scrapped"] = sum(op["operation_quantity_scrapped"] for op in ops)
        o["quantity_reworked"] = sum(op["operation_quantity_reworked"] for op in ops)
        o["quantity_received"] = o["quantity_shipped"] = o["quantity_completed"]
        o["quantity_remaining"] = max(0, quantity - o["quantity_completed"] - o["quantity_scrapped"])
        o["quantity_on_hold"] = r.choice([0, 0, 0, 2]) if started else 0
        o["planned_scrap_percent"] = r.choice([2, 3, 5])
        o["planned_scrap_quantity"] = -(-quantity * o["planned_scrap_percent"] // 100)
        o["percent_complete"] = 100 if finished else round(100 * sum(op["done"] for op in ops) / len(ops))
        self.cost(o, part)
        return o

    def cost(self, o, part):
        r, ops, quantity = self.rng, o["ops"], o["quantity_ordered"]
        total = lambda key: round(sum(op[key] for op in ops), 2)
        started = o["actual_start"] is not None
        for side in ("planned", "actual"):
            o[f"{side}_setup_hours"], o[f"{side}_run_hours"] = total(f"{side}_setup_hours"), total(f"{side}_run_hours")
            o[f"{side}_labor_hours"] = o[f"{side}_machine_hours"] = total(f"{side}_hours")
            o[f"{side}_labor_cost"] = round(sum(op[f"{side}_hours"] * op["labor_rate"] for op in ops), 2)
            o[f"{side}_overhead_cost"] = round(sum(op[f"{side}_hours"] * op["machine_rate"] for op in ops), 2)
            o[f"{side}_conversion_cost"] = round(o[f"{side}_labor_cost"] + o[f"{side}_overhead_cost"], 2)
        o["planned_machine_hours"] = o["planned_run_hours"]
        o["actual_machine_hours"] = o["actual_run_hours"]
        o["planned_material_cost"] = round(part["material"] * quantity, 2)
        o["actual_material_cost"] = round(part["material"] * quantity * r.uniform(0.95, 1.2), 2) if started else 0.0
        outside = r.random() < 0.25
        o["planned_subcontract_cost"] = round(quantity * 1.8, 2) if outside else 0.0
        o["actual_subcontract_cost"] = round(quantity * r.uniform(1.6, 2.4), 2) if outside and started else 0.0
        for side in ("planned", "actual"):
            o[f"{side}_total_cost"] = round(sum(o[f"{side}_{k}_cost"] for k in ("material", "labor", "overhead", "subcontract")), 2)
        o["product_unit_cost"] = round(o["planned_total_cost"] / quantity, 4)
        o["unit_price"] = round(o["product_unit_cost"] * r.uniform(1.05, 1.5), 2)
        o["revenue"] = round(o["unit_price"] * quantity, 2)
        o["wip_value"] = o["actual_total_cost"] if o["state"] == 2 else 0.0
        o["remaining_hours"] = round(max(0, o["planned_labor_hours"] - o["actual_labor_hours"]), 2) if o["state"] < 3 else 0.0

    def headers(self):
        for o in self.orders:
            first = o["ops"][0]["center"]
            yield {**o, "center": first, **self.center(first)}

    @staticmethod
    def center(c):
        return {k: c[k] for k in ("operation_name", "work_center_name", "machine_name", "department")} | {"center_number": c["number"]}

    def operations(self):
        for o in self.orders:
            for n, op in enumerate(o["ops"]):
                row = {**o, **op, **self.center(op["center"])}
                row["previous_operation"] = n * 10 or None
                row["next_operation"] = (n + 2) * 10 if n + 1 < len(o["ops"]) else None
                started = op["operation_actual_start"] is not None
                outside = op["center"]["number"] == 5 and o["work_order_number"] % 3 == 0
                row.update(
                    is_outside=outside, supplier=o["work_order_number"] % 3 if outside else None,
                    op_state=2 if started else 1 if o["state"] in (1, 2) and op["operation_sequence"] == 10 else 0,
                    actual_cycle_time=round(op["actual_run_hours"] * 3600 / op["operation_quantity_in"], 1) if started else 0,
                    planned_labor_hours=op["planned_hours"], actual_labor_hours=op["actual_hours"],
                    planned_machine_hours=op["planned_run_hours"], actual_machine_hours=op["actual_run_hours"],
                    planned_labor_cost=round(op["planned_hours"] * op["labor_rate"], 2),
                    actual_labor_cost=round(op["actual_hours"] * op["labor_rate"], 2),
                    planned_overhead_cost=round(op["planned_hours"] * op["machine_rate"], 2),
                    actual_overhead_cost=round(op["actual_hours"] * op["machine_rate"], 2),
                    remaining_hours=0.0 if started else op["planned_hours"], crew_size=1, standard_base_quantity=1,
                    percent_complete=100 if started else 0,
                    operation_quantity_on_hold=0, energy_kwh=round(op["actual_run_hours"] * 7.3, 1), tool=op["center"]["number"] * 3,
                    is_final=started, step_code=op["center"]["number"])
                for side in ("planned", "actual"):
                    row[f"{side}_conversion_cost"] = round(row[f"{side}_labor_cost"] + row[f"{side}_overhead_cost"], 2)
                row["teardown_hours"] = 0.25 if started else 0.0
                yield row

    def bookings(self):
        r, number = self.rng, 70100
        for row in self.operations():
            if row["operation_actual_start"] is None:
                continue
            parts = r.choice([1, 1, 2])
            shares = [("setup", row["actual_setup_hours"], 0, 0, 0)]
            made, scrap, rework = row["operation_quantity_completed"], row["operation_quantity_scrapped"], row["operation_quantity_reworked"]
            for n in range(parts):
                last = n == parts - 1
                share = made - made // parts * (parts - 1) if last else made // parts
                shares.append(("run", round(row["actual_run_hours"] / parts, 2), share, scrap if last else 0, rework if last else 0))
            moment = row["operation_actual_start"]
            for n, (kind, hours, good, bad, again) in enumerate(shares):
                if hours <= 0:
                    continue
                number += r.choice([1, 1, 2, 3])
                person = r.randrange(7)
                end = add_hours(moment, hours)
                run, setup = (0.0, hours) if kind == "setup" else (hours, 0.0)
                booking = {**row, "booking_number": number, "booking_type": kind, "booking_hours": hours, "actual_setup_hours": setup,
                           "actual_run_hours": run, "actual_labor_hours": hours, "actual_machine_hours": run,
                           "operation_quantity_completed": good, "operation_quantity_scrapped": bad, "operation_quantity_reworked": again, "total_made": good + bad,
                           "operation_actual_start": moment, "operation_actual_end": end, "booking_date": day(end), "person": person,
                           "shift": 1 if moment.hour < 14 else 2, "actual_labor_cost": round(hours * row["labor_rate"], 2),
                           "actual_overhead_cost": round(hours * row["machine_rate"], 2), "is_final": n == len(shares) - 1,
                           "is_reversal": False, "overtime_hours": r.choice([0.0] * 8 + [0.5, 1.0]) if hours > 2 else 0.0,
                           "attendance_hours": 8.0, "crew_size": 1, "actual_total_cost": round(hours * (row["labor_rate"] + row["machine_rate"]), 2),
                           "defect": r.randrange(5) if bad else None}
                booking["employee_name"] = words.PEOPLE[self.lang][person]
                booking["defect_description"] = words.DEFECTS[self.lang][booking["defect"]] if bad else None
                moment = end
                yield booking

    def components(self):
        r = self.rng
        for o in self.orders:
            chosen = sorted(r.sample(range(5), r.choice([2, 3, 4])))
            for line, m in enumerate(chosen):
                per = [1.2, 0.35, 1, 4, 2][m]
                need = round(per * o["quantity_ordered"], 2)
                issued = round(need * r.uniform(0.98, 1.08), 2) if o["actual_start"] else 0.0
                if m >= 2:
                    issued = float(int(issued))
                cost = [6.4, 18.9, 11.25, 0.12, 0.65][m]
                actual = round(cost * r.uniform(0.97, 1.15), 3)
                bought = o["order_date"] + timedelta(days=r.randint(1, 8))
                op = o["ops"][0]
                yield {**o, **op, **self.center(op["center"]), "material_index": m, "material_name": words.MATERIALS[self.lang][m], "line": (line + 1) * 10,
                       "planned_material_quantity": need, "actual_material_quantity": issued, "material_standard_cost": cost,
                       "material_unit_cost": actual, "material_unit_of_measure": ["kg", "m2", o["unit_of_measure"], o["unit_of_measure"], o["unit_of_measure"]][m],
                       "planned_material_cost": round(need * cost, 2), "actual_material_cost": round(issued * actual, 2),
                       "supplier": m % 3, "supplier_name": words.SUPPLIERS[self.lang][m % 3], "purchase_order_number": r.randint(45100, 45990),
                       "receipt_promised_date": day(bought), "receipt_date": day(bought) + timedelta(days=r.choice([0, 0, 1, 3, 6])),
                       "material_lot_number": r.randint(7000, 7999), "remaining_quantity": max(0, round(need - issued, 2)), "per_piece": per,
                       "need_date": day(op["operation_planned_start"])}

    def inspections(self):
        r, number = self.rng, 9000
        for row in self.operations():
            if row["operation_actual_start"] is None:
                continue
            number += 1
            bad = row["operation_quantity_scrapped"]
            defect = r.randrange(5) if bad else None
            person = r.randrange(7)
            yield {**row, "record_number": number, "defect": defect, "defect_description": words.DEFECTS[self.lang][defect] if bad else None,
                   "defect_count": bad, "passed": not bad, "quality_issue": bool(bad), "person": person, "employee_name": words.PEOPLE[self.lang][person],
                   "booking_date": day(row["operation_actual_end"]), "event_moment": row["operation_actual_end"], "shift": 1 if row["operation_actual_end"].hour < 14 else 2,
                   "sample": max(3, row["operation_quantity_in"] // 10), "operation_quantity_inspected": row["operation_quantity_in"]}

    def stoppages(self):
        r, number = self.rng, 3000
        for row in self.operations():
            if row["operation_actual_start"] is None:
                continue
            for _ in range(r.choice([0, 1, 1, 2])):
                number += r.choice([1, 2])
                reason = r.randrange(6)
                hours = round(r.uniform(0.1, 3.5), 2)
                start = add_hours(row["operation_actual_start"], r.uniform(0.1, 3))
                person = r.randrange(7)
                hours_planned = 8.0
                yield {**row, "record_number": number, "reason": reason, "downtime_reason": words.STOPS[self.lang][reason], "downtime_hours": hours,
                       "downtime_start": start, "downtime_end": start + timedelta(hours=hours), "planned_stop": reason in (2, 3, 5), "person": person,
                       "employee_name": words.PEOPLE[self.lang][person], "shift": 1 if start.hour < 14 else 2, "booking_date": day(start),
                       "planned_production_hours": hours_planned, "parts_cost": round(r.uniform(0, 900), 2), "maintenance_cost": round(hours * 55 + r.uniform(0, 900), 2),
                       "maintenance_date": day(start) - timedelta(days=r.randint(5, 90)), "machine_installed_date": datetime(2008 + row["center"]["number"], 3, 11),
                       "maintenance_kind": 0 if reason in (2, 3, 5) else 1}


    def machine_shifts(self):
        """One machine on one day: eight planned hours, some of them lost, the rest of them run."""
        r, number = self.rng, 500
        for row in self.operations():
            if row["operation_actual_start"] is None:
                continue
            number += 1
            lost = round(r.uniform(0.2, 2.5), 2)
            run = round(8 - lost, 2)
            made = int(run * 3600 / row["standard_cycle_time"] * r.uniform(0.6, 0.97))
            bad = sum(r.random() < 0.03 for _ in range(made))
            reason, person = r.randrange(6), r.randrange(7)
            yield {**row, "record_number": number, "booking_date": day(row["operation_actual_start"]), "planned_production_hours": 8.0,
                   "downtime_hours": lost, "actual_machine_hours": run, "operation_quantity_completed": made - bad, "operation_quantity_scrapped": bad,
                   "total_made": made, "availability": round(100 * run / 8, 1), "performance": round(100 * made * row["standard_cycle_time"] / 3600 / run, 1),
                   "quality": round(100 * (made - bad) / made, 1), "shift": r.choice([1, 2]), "reason": reason, "downtime_reason": words.STOPS[self.lang][reason],
                   "person": person, "employee_name": words.PEOPLE[self.lang][person], "energy_kwh": round(run * r.uniform(6, 9), 1)}


def rows(seed, language, grain, limit, start, shape=None):
    per_order = {"header": 1, "operation": 3.4, "labor": 6, "material": 2.8, "event": 2.6}[grain]
    plant = Plant(seed, language, max(6, int(limit / per_order) + 4 if grain != "header" else limit), start)
    source = {"header": plant.headers, "operation": plant.operations, "labor": plant.bookings, "material": plant.components,
              "inspection": plant.inspections, "stoppage": plant.stoppages, "machine_shift": plant.machine_shifts}[shape or grain]
    result = list(source())
    if grain == "header" or len(result) <= limit:
        return result
    # Whole orders from both ends, so that finished and open ones are in the file.
    if grain in ("operation", "material"):
        return result[: limit * 2 // 3] + result[-(limit - limit * 2 // 3):]
    return result[:limit]
