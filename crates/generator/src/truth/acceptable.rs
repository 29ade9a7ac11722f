//! Findings that are true of a plant without being a planted problem: the shadows of one, and what is real in every plant.

use super::{Acceptable, Entity, expected::entity};
use crate::{
    plant::{
        effects::Effects,
        identity,
        master_data::{
            EMPLOYEES, FAMILY_C, FAMILY_D, FAMILY_F, M07, M12, M21, MACHINES, MACHINES_OF, MAT_07,
            MasterData, PRODUCTS, S03, WC_40, WC_60, WORK_CENTERS,
        },
    },
    spec::Problem,
};

struct List(Vec<Acceptable>);

impl List {
    fn any(&mut self, types: &[&str], reason: &str) {
        for type_ in types {
            self.push(type_, Vec::new(), reason);
        }
    }

    /// Each entity alone.
    fn about(&mut self, types: &[&str], entities: impl Iterator<Item = Entity>, reason: &str) {
        for entity in entities {
            for type_ in types {
                self.push(type_, vec![entity.clone()], reason);
            }
        }
    }

    fn push(&mut self, type_: &str, entities: Vec<Entity>, reason: &str) {
        self.0.push(Acceptable { type_: type_.to_owned(), entities, reason: reason.to_owned() });
    }
}

fn products(of: impl Fn(usize) -> bool) -> impl Iterator<Item = Entity> {
    (0..PRODUCTS)
        .filter(move |product| of(*product))
        .map(|product| entity("product_id", &identity::product(product)))
}

/// Those who mostly work at a machine.
fn crew(machines: std::ops::Range<usize>) -> impl Iterator<Item = Entity> {
    (machines.start * 3..machines.end * 3)
        .map(|employee| entity("employee_id", &identity::employee(1, employee)))
}

fn machines(work_center: usize) -> impl Iterator<Item = Entity> {
    MACHINES_OF[work_center].clone().map(|machine| entity("machine_id", &identity::machine(1, machine)))
}

pub(crate) fn acceptable(data: &MasterData, effects: &Effects) -> Vec<Acceptable> {
    let family = |wanted: usize| products(move |product| data.products[product].family == wanted);
    let uses = |wanted: usize| {
        products(move |product| data.products[product].bill.iter().any(|part| part.material == wanted))
    };
    let mut list = List(Vec::new());
    list.any(
        &["order_overrun", "data_quality", "batch_size", "overhead_variance"],
        "a list or a calculation, not a claim about a cause",
    );
    let difficult = "family D truly takes 8 % longer than its standards, in every plant";
    let efficiency = ["labor_efficiency_variance", "standard_error", "margin_leak"];
    list.about(&efficiency, std::iter::once(entity("product_family", "D")), difficult);
    list.about(&efficiency, family(FAMILY_D), difficult);

    for problem in Problem::ALL.into_iter().filter(|problem| effects.has(*problem)) {
        shadows(problem, data, &mut list, &family, &uses);
    }
    if Problem::ALL.into_iter().any(|problem| effects.has(problem)) {
        list.any(&["trend", "margin_leak"], "key figures and margins move with the planted problems");
    }
    list.0
}

fn shadows<F: Iterator<Item = Entity>, U: Iterator<Item = Entity>>(
    problem: Problem,
    data: &MasterData,
    list: &mut List,
    family: &dyn Fn(usize) -> F,
    uses: &dyn Fn(usize) -> U,
) {
    let once = |field: &str, value: &str| std::iter::once(entity(field, value));
    match problem {
        Problem::SupplierPrice => {
            let materials =
                data.materials.iter().enumerate().filter(|(_, material)| material.suppliers.contains(&S03));
            let materials: Vec<Entity> =
                materials.map(|(number, _)| entity("material_id", &identity::material(number))).collect();
            list.about(&["material_price_variance"], materials.into_iter(), "supplied by S03 among others");
        }
        Problem::MachineDrift => {
            let types = [
                "labor_efficiency_variance",
                "labor_efficiency",
                "oee_loss",
                "queue_time",
                "run_time_degradation",
            ];
            list.about(
                &types,
                once("work_center_id", "WC-20").chain(crew(M07..M07 + 1)),
                "M07 belongs to it or is run by it",
            );
            let late = once("machine_id", "M07").chain(once("work_center_id", "WC-20"));
            list.about(&["late_orders_driver", "queue_time"], late, "orders wait for M07");
        }
        Problem::FamilySetup => {
            let everywhere = (0..WORK_CENTERS).flat_map(|work_center| {
                let id = identity::work_center(1, work_center);
                std::iter::once(entity("work_center_id", &id)).chain(machines(work_center))
            });
            list.about(
                &["setup_overrun"],
                everywhere.chain(crew(0..MACHINES)),
                "sets up family F among others",
            );
            let family_f: Vec<Entity> = once("product_family", "F").chain(family(FAMILY_F)).collect();
            list.about(&["setup_overrun"], family_f.iter().cloned(), "belongs to family F");
            // Where set-up is not told apart, labor looks slow and its standards wrong.
            let types = ["labor_efficiency_variance", "labor_efficiency", "standard_error"];
            list.about(&types, family_f.into_iter(), "set-up is labor");
            list.any(&["queue_time"], "longer set-ups load every work center");
        }
        Problem::ShiftScrap => {
            let night = (0..EMPLOYEES).filter(|employee| employee % 3 == 2);
            let night = night.map(|employee| entity("employee_id", &identity::employee(1, employee)));
            list.about(&["scrap_rate", "first_pass_yield", "quality_shift"], night, "works in shift 3");
            let types = ["labor_efficiency_variance", "labor_efficiency", "quality_shift"];
            list.about(&types, once("shift", "3"), "its good pieces are fewer, its hours are not");
            list.any(&["quality_shift", "material_utilization"], "scrap of shift 3 raises it everywhere");
        }
        Problem::Bottleneck => {
            list.about(&["queue_time", "oee_loss", "bottleneck"], machines(WC_40), "belongs to WC-40");
            list.any(&["schedule_adherence"], "operations after WC-40 start late");
        }
        Problem::LowStandards => {
            list.about(
                &["labor_efficiency_variance", "standard_error"],
                once("product_family", "B"),
                "P013 to P015 belong to it",
            );
        }
        Problem::MaterialUsage => {
            list.about(&["material_usage_variance", "material_utilization"], uses(MAT_07), "uses MAT-07");
        }
        Problem::ReworkPair => {
            let types = ["rework_rate", "first_pass_yield", "routing_deviation"];
            let halves = once("machine_id", "M12")
                .chain(once("product_family", "C"))
                .chain(once("work_center_id", "WC-30"));
            list.about(&types, halves, "contains M12 and family C");
            list.about(
                &["rework_rate", "first_pass_yield"],
                family(FAMILY_C).chain(crew(M12..M12 + 1)),
                "contains M12 and family C",
            );
        }
        Problem::Breakdowns => {
            let types = ["mtbf", "mttr", "oee_loss", "downtime_reason", "queue_time", "maintenance_interval"];
            list.about(
                &types,
                once("machine_id", "M21").chain(once("work_center_id", "WC-60")),
                "M21 stands still more often",
            );
            list.about(&["oee_loss", "queue_time"], crew(M21..M21 + 1), "M21 stands still more often");
        }
        Problem::LateRelease => {
            list.any(&["schedule_adherence"], "what PL3 releases late starts late");
        }
        Problem::LaborRate => {
            let crew = crew(MACHINES_OF[WC_60].clone());
            list.about(&["labor_rate_variance"], machines(WC_60).chain(crew), "belongs to WC-60");
        }
        Problem::MachineEnergy => {
            list.about(
                &["energy_per_hour", "idle_energy"],
                once("work_center_id", "WC-50"),
                "M17 belongs to it",
            );
        }
    }
}
